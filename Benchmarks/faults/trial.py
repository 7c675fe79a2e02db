"""The program of the sweep that Benchmarks/chaos disturbs: sleeps, and logs numbers that are known beforehand.

It logs by the tracker's HTTP interface and is patient while that is away. Each start and each end is a line in the file
that CHAOS_LEDGER names, so that who counts needs nobody's word for it.
"""

import json
import math
import os
import random
import sys
import time
import urllib.error
import urllib.request

STEPS = 20


def value(trial, step):
    return math.sin(1000 * trial + step) / (step + 1)


def note(event, run, attempt, trial):
    line = json.dumps({"event": event, "run": run, "attempt": attempt, "trial": trial, "pid": os.getpid()})
    file = os.open(os.environ["CHAOS_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(file, (line + "\n").encode())
    os.close(file)


def send(run, attempt, records):
    """Until the tracker says that it has them: what it may have already is sent again."""
    request = urllib.request.Request(
        f"{os.environ['SAGA_URL']}/api/v1/runs/{run}/records",
        json.dumps({"attempt": attempt, "records": records}).encode(), {"Content-Type": "application/json"})
    pause = 0.1
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                if json.load(answer)["acknowledged"] >= records[-1]["sequence"]:
                    return
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                sys.exit(f"the tracker refuses: {error.read().decode()}")
        except (OSError, ValueError):
            pass
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, 2)


def main():
    trial = int(dict(word.removeprefix("--").split("=") for word in sys.argv[1:])["trial"])
    with open(os.path.join(os.environ["WANDB_DIR"], "run.json")) as file:
        settings = json.load(file)
    run, attempt = settings["id"], settings["attempt"]
    note("start", run, attempt, trial)
    seconds = random.uniform(0.5, 3)
    now = time.time()
    records = [{"start": {"_0": {
        "project": settings["project"], "config": settings["config"], "tags": [], "host": "chaos", "time": now}}}]
    records += [
        {"metrics": {"_0": {"step": step, "time": now + step, "values": {"loss": value(trial, step)}}}}
        for step in range(STEPS)]
    records.append({"finish": {"_0": {"state": "finished", "exitCode": 0, "time": now + STEPS}}})
    numbered = [{"sequence": index + 1, "record": record} for index, record in enumerate(records)]
    for part in range(0, len(numbered), 4):
        send(run, attempt, numbered[part : part + 4])
        time.sleep(seconds * 4 / len(numbered))
    note("end", run, attempt, trial)


if __name__ == "__main__":
    main()
