"""Measures MLflow with a PostgreSQL back end the way tracker-bench measures the tracker; prints one JSON object.

    mlflow_peer.py DATABASE_URL

Medians of several repetitions where one takes less than a few seconds. What MLflow cannot be filled with through its
API in reasonable time (10,000 runs, 1.62 million points) is put in by SQL; it is read back through its API.
"""

import concurrent.futures
import csv
import json
import logging
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

METRICS = ["loss", "image", "audio", "lr", "grad_norm", "tokens"]
RUNS, STEPS, LONG = 27, 10_000, 100_000


def note(text):
    print(f"mlflow: {text}", file=sys.stderr, flush=True)


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_ms(work, count):
    return 1000 * statistics.median(timed(work) for _ in range(count))


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            direct = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return direct + [grandchild for child in direct for grandchild in children(child)]


def proportional_memory(pid):
    """Bytes of the process and its children, shared pages divided among those that share them."""
    total = 0
    for process in [pid, *children(pid)]:
        try:
            with open(f"/proc/{process}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            pass
    return 1024 * total


def log_batches(uri, points):
    """One client that logs `points` metrics in batches of 1,000, the most that MLflow takes."""
    import mlflow
    from mlflow.entities import Metric

    client = mlflow.MlflowClient(tracking_uri=uri)
    run = client.create_run("0").info.run_id
    start = time.perf_counter()
    for batch in range(points // 1000):
        client.log_batch(run, metrics=[Metric("m", random.random(), 0, batch * 1000 + i) for i in range(1000)])
    return time.perf_counter() - start


def main(database):
    import psycopg2

    # MLflow prints where a run can be looked at; only the result is for standard output.
    output, sys.stdout = sys.stdout, sys.stderr

    port = 7900 + random.randrange(90)
    uri = f"http://127.0.0.1:{port}"
    os.environ["MLFLOW_TRACKING_URI"] = uri
    folder = tempfile.mkdtemp(prefix="mlflow-peer-")
    log = open(os.path.join(folder, "server.log"), "w")
    begin = time.perf_counter()
    server = subprocess.Popen(
        [os.path.join(os.path.dirname(sys.executable), "mlflow"), "server", "--backend-store-uri", database,
         "--default-artifact-root", folder, "--port", str(port)],
        stdout=log, stderr=log, env={**os.environ, "PATH": os.path.dirname(sys.executable) + ":" + os.environ["PATH"]})
    try:
        while True:
            try:
                if urllib.request.urlopen(f"{uri}/health", timeout=1).status == 200:
                    break
            except OSError:
                if server.poll() is not None or time.perf_counter() - begin > 180:
                    raise SystemExit(f"mlflow server does not start; see {log.name}")
                time.sleep(0.05)
        result = {"ready_s": time.perf_counter() - begin}
        measure(uri, database, psycopg2, result)
        result["memory_mb"] = proportional_memory(server.pid) / 1e6
        import mlflow

        result["version"] = mlflow.__version__
        print(json.dumps(result), file=output)
    finally:
        for process in [*children(server.pid), server.pid]:
            try:
                os.kill(process, 15)
            except OSError:
                pass
        server.wait(30)


def measure(uri, database, psycopg2, result):
    import mlflow

    client = mlflow.MlflowClient(tracking_uri=uri)
    mlflow.set_tracking_uri(uri)

    note("log calls")
    calls = []
    with mlflow.start_run():
        for step in range(200):
            values = {name: random.random() for name in METRICS}
            calls.append(timed(lambda: mlflow.log_metrics(values, step=step)))
    calls.sort()
    result["log_p50_us"] = 1e6 * calls[len(calls) // 2]
    result["log_p99_us"] = 1e6 * calls[int(len(calls) * 0.99)]

    note("batches, 1 client and 8")
    result["ingest_1"] = 30_000 / log_batches(uri, 30_000)
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(8, mp_context=context) as pool:
        list(pool.map(time.sleep, [0.5] * 8))
        start = time.perf_counter()
        list(pool.map(log_batches, [uri] * 8, [20_000] * 8))
        result["ingest_8"] = 160_000 / (time.perf_counter() - start)

    experiment = client.create_experiment("bench")
    template = client.create_run(experiment).info.run_id
    for index in range(8):
        client.log_param(template, f"p{index}", index)
    connection = psycopg2.connect(database.replace("postgresql+psycopg2://", "postgresql://"))
    connection.autocommit = True
    cursor = connection.cursor()

    note("10,000 runs by SQL, top 10 by a metric")
    columns = "run_uuid, " + copied_columns(cursor, "runs", "run_uuid")
    cursor.execute(
        f"insert into runs ({columns}) select md5('r' || i), {copied_columns(cursor, 'runs', 'run_uuid')} "
        "from runs, generate_series(1, 10000) i where run_uuid = %s", (template,))
    for name in METRICS:
        cursor.execute(
            "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) "
            "select %s, random(), 0, 0, false, md5('r' || i) from generate_series(1, 10000) i", (name,))
    cursor.execute(
        "insert into params (key, value, run_uuid) select 'p' || k, (i % 10)::text, md5('r' || i) "
        "from generate_series(1, 10000) i, generate_series(0, 7) k")
    cursor.execute("analyze")
    top = lambda: client.search_runs([experiment], order_by=["metrics.loss ASC"], max_results=10)
    top()
    result["best_ms"] = median_ms(top, 5)

    note(f"a history of {LONG} points")
    long = client.create_run(experiment).info.run_id
    fill(cursor, [long], ["loss"], LONG)
    result["history_ms"] = median_ms(lambda: client.get_metric_history(long, "loss"), 3)

    note(f"export of {RUNS} x {STEPS} x {len(METRICS)} points")
    exported = client.create_experiment("export")
    runs = [client.create_run(exported).info.run_id for _ in range(RUNS)]
    fill(cursor, runs, METRICS, STEPS)

    def export():
        with open(os.devnull, "w") as file:
            writer = csv.writer(file)
            for run in runs:
                for name in METRICS:
                    for point in client.get_metric_history(run, name):
                        writer.writerow([run, name, point.step, point.timestamp, point.value])

    result["export_s"] = timed(export)

    note("bytes a point")
    cursor.execute("select count(*) from metrics")
    points = cursor.fetchone()[0]
    cursor.execute("vacuum full metrics")
    cursor.execute("select pg_total_relation_size('metrics')")
    result["bytes_per_point"] = cursor.fetchone()[0] / points

    note("small requests")
    result["request_ms"] = median_ms(lambda: client.log_metric(long, "small", 1.0), 60)


def copied_columns(cursor, table, key):
    cursor.execute(
        "select column_name from information_schema.columns where table_name = %s and column_name <> %s", (table, key))
    return ", ".join(row[0] for row in cursor.fetchall())


def fill(cursor, runs, metrics, steps):
    for run in runs:
        for name in metrics:
            cursor.execute(
                "insert into metrics (key, value, timestamp, step, is_nan, run_uuid) "
                "select %s, random(), 1700000000000 + i, i, false, %s from generate_series(0, %s) i",
                (name, run, steps - 1))


if __name__ == "__main__":
    main(sys.argv[1])
