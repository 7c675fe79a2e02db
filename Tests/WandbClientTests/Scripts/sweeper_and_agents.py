"""A sweeper, an agent of the command line and a function agent draw from one sweep that `sweeper run` made: each configuration once.

env: WANDB_BASE_URL, WANDB_API_KEY, SWEEPER (the program). Exit 0 = pass.
"""
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request

os.environ.setdefault("WANDB_SILENT", "true")
os.chdir(tempfile.mkdtemp(prefix="wba-"))

import wandb  # noqa: E402

url = os.environ["WANDB_BASE_URL"]
env = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SWEEP_ID", "WANDB_RUN_ID")}
env |= {"SAGA_URL": url, "SAGA_HOME": os.getcwd() + "/saga"}
env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env["PATH"]
SECONDS = 3


def work(who):
    # The file says how often each configuration was run, whatever the tracker believes.
    with wandb.init() as run:
        with open("ran", "a") as f:
            f.write(f"{who} {run.config['a']} {run.config['b']} {run.id}\n")
        run.log({"loss": run.config["a"]})
        time.sleep(SECONDS)


with open("train.py", "w") as f:
    f.write(textwrap.dedent(f"""
        import os, time, wandb
        with wandb.init() as run:
            with open("ran", "a") as f:
                f.write(f"{{os.environ['WHO']}} {{run.config['a']}} {{run.config['b']}} {{run.id}}\\n")
            run.log({{"loss": run.config["a"]}})
            time.sleep({SECONDS})
    """))
definition = {
    "name": "shared", "project": "shared", "program": "train.py", "method": "grid",
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"a": {"values": [1, 2, 3, 4, 5]}, "b": {"values": ["x", "y"]}},
}
with open("shared.yaml", "w") as f:
    json.dump(definition, f)


def asked(path):
    with urllib.request.urlopen(f"{url}/api/v1/{path}") as answer:
        return json.load(answer)


def command(word):
    done = subprocess.run([os.environ["SWEEPER"], word, "shared"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


sweeper = subprocess.Popen(
    [os.environ["SWEEPER"], "run", "shared.yaml", "--slots", "1"], env=env | {"WHO": "sweeper"},
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
end = time.time() + 30
while not os.path.exists("ran"):
    assert time.time() < end and sweeper.poll() is None, sweeper.communicate()[0]
    time.sleep(0.1)
# Paused until the agents are up, for a sweeper is quicker than they.
command("pause")
sid = asked("sweeps/shared")["id"]
entity = wandb.Api().default_entity
cli = subprocess.Popen(
    [sys.executable, "-m", "wandb", "agent", f"{entity}/shared/{sid}"], env=env | {"WHO": "cli"},
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
time.sleep(6)
command("resume")
wandb.agent(sid, function=lambda: work("function"), project="shared")
outputs = [p.communicate(timeout=90)[0] for p in (cli, sweeper)]
assert (cli.returncode, sweeper.returncode) == (0, 0), outputs

with open("ran") as f:
    lines = [line.split() for line in f]
ran = sorted((int(a), b) for _, a, b, _ in lines)
assert ran == [(a, b) for a in range(1, 6) for b in ("x", "y")], lines
workers = {who for who, *_ in lines}
assert workers == {"sweeper", "cli", "function"}, lines
trials = asked(f"sweeps/{sid}/trials")
assert {t["run"] for t in trials} == {run for *_, run in lines} and {t["state"] for t in trials} == {"done"}, trials
assert all(t["value"] == t["config"]["a"] for t in trials), trials
found = wandb.Api().sweep(f"{entity}/shared/{sid}")
assert found.state == "FINISHED" and len(found.runs) == 10, (found.state, len(found.runs))
assert all(run.state == "finished" for run in found.runs)
print("OK", {who: sum(1 for w, *_ in lines if w == who) for who in workers})
