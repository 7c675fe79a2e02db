"""Measures Optuna; started by Benchmarks/sweeper.

    optuna_peer.py memory TRIALS                          suggestions with TRIALS trials done, in memory
    optuna_peer.py storage URL SAMPLER TRIALS WORKERS     worker processes on one study in PostgreSQL

The space and the function are those of Benchmarks/Sweeper/SweepFiles.swift. TPE is multivariate, as ours. Workers read
the study once, before anything is measured; then each number of seconds on standard input is a turn, answered by its
trials a second and the median of an `ask`.
"""

import json
import math
import multiprocessing
import random
import statistics
import sys
import time
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution, distribution_to_json

SPACE = {
    "lr": FloatDistribution(1e-5, 1.0, log=True),
    "x": FloatDistribution(0.0, 1.0),
    "y": FloatDistribution(-5.0, 5.0),
    "depth": IntDistribution(1, 16),
    "kind": CategoricalDistribution(["a", "b", "c", "d"]),
    "drop": FloatDistribution(0.0, 0.5, step=0.05),
}


def draw(generator):
    return {
        "lr": math.exp(generator.uniform(math.log(1e-5), 0)),
        "x": generator.random(),
        "y": generator.uniform(-5, 5),
        "depth": generator.randint(1, 16),
        "kind": generator.choice("abcd"),
        "drop": round(generator.randint(0, 10) * 0.05, 2),
    }


def loss(p):
    return (
        (math.log10(p["lr"]) + 3) ** 2
        + (p["x"] - 0.3) ** 2
        + (p["y"] - 1) ** 2 / 10
        + (p["depth"] - 9) ** 2 / 30
        + p["drop"]
        + (0 if p["kind"] == "c" else 0.5)
    )


def sampler(name, seed):
    if name == "tpe":
        return optuna.samplers.TPESampler(multivariate=True, seed=seed)
    return optuna.samplers.RandomSampler(seed=seed)


def memory(name, trials, rounds=11):
    study = optuna.create_study(sampler=sampler(name, 1))
    generator = random.Random(3)
    study.add_trials(
        [
            optuna.trial.create_trial(params=params, distributions=SPACE, value=loss(params))
            for params in (draw(generator) for _ in range(trials))
        ]
    )
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        trial = study.ask(SPACE)
        times.append(1000 * (time.perf_counter() - start))
        study.tell(trial, loss(trial.params))
    return statistics.median(times)


def fill(url, study, trials):
    """Trials by SQL: through its interface they would take minutes."""
    import psycopg2.extras

    connection = psycopg2.connect(url.replace("+psycopg2", ""))
    cursor = connection.cursor()
    cursor.execute("select study_id from studies where study_name = %s", (study,))
    number = cursor.fetchone()[0]
    cursor.execute(
        "insert into trials (number, study_id, state, datetime_start, datetime_complete) "
        "select i, %s, 'COMPLETE', now(), now() from generate_series(0, %s - 1) i returning trial_id",
        (number, trials))
    generator = random.Random(3)
    params, values = [], []
    for (trial,) in cursor.fetchall():
        config = draw(generator)
        values.append((trial, 0, loss(config), "FINITE"))
        for name, value in config.items():
            params.append((trial, name, SPACE[name].to_internal_repr(value), distribution_to_json(SPACE[name])))
    psycopg2.extras.execute_values(
        cursor, "insert into trial_params (trial_id, param_name, param_value, distribution_json) values %s", params,
        page_size=1000)
    psycopg2.extras.execute_values(
        cursor, "insert into trial_values (trial_id, objective, value, value_type) values %s", values, page_size=1000)
    connection.commit()
    cursor.execute("analyze")
    connection.commit()
    connection.close()


def work(url, study, name, seed, orders, answers):
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    study = optuna.load_study(study_name=study, storage=url, sampler=sampler(name, seed))

    def one():
        start = time.perf_counter()
        trial = study.ask(SPACE)
        asked = time.perf_counter() - start
        study.tell(trial, loss(trial.params))
        return 1000 * asked

    one()
    answers.put(None)
    while (seconds := orders.get()) is not None:
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end:
            times.append(one())
        answers.put(times)


def storage(url, name, trials, count):
    study = f"{name}-{trials}"
    optuna.create_study(study_name=study, storage=url)
    if trials:
        fill(url, study, trials)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    orders = [context.Queue() for _ in range(count)]
    workers = [
        context.Process(target=work, args=(url, study, name, seed, orders[seed], answers), daemon=True)
        for seed in range(count)]
    for worker in workers:
        worker.start()
    for _ in workers:
        answers.get()
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.monotonic()
        for queue in orders:
            queue.put(float(line))
        times = [one for _ in workers for one in answers.get()]
        rate = len(times) / (time.monotonic() - start)
        print(json.dumps({"rate": rate, "milliseconds": statistics.median(times)}), flush=True)
    for queue in orders:
        queue.put(None)
    for worker in workers:
        worker.join()


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    if sys.argv[1] == "memory":
        trials = int(sys.argv[2])
        print(json.dumps(
            {"version": optuna.__version__, "tpe": memory("tpe", trials), "random": memory("random", trials)}))
    else:
        storage(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))


if __name__ == "__main__":
    main()
