"""two agents on one grid (each combination once), pause and resume, cancel, a deleted run's combination again.

env: WANDB_BASE_URL, WANDB_API_KEY. Exit 0 = pass.
"""
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time

os.environ.setdefault("WANDB_API_KEY", "0123456789abcdef0123456789abcdef01234567")
os.environ.setdefault("WANDB_SILENT", "true")
os.chdir(tempfile.mkdtemp(prefix="wbg-"))

import wandb  # noqa: E402

PROJECT = "agents-" + str(int(time.time() * 1000) % 10**9)
entity = wandb.Api().default_entity
env = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SWEEP_ID", "WANDB_RUN_ID")}
env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env["PATH"]
with open("train.py", "w") as f:
    f.write(textwrap.dedent("""
        import argparse, time, wandb
        p = argparse.ArgumentParser()
        p.add_argument("--a", type=int)
        p.add_argument("--seconds", type=float)
        args = p.parse_args()
        run = wandb.init()
        start = time.time()
        while time.time() - start < args.seconds:
            run.log({"loss": args.a})
            time.sleep(0.2)
        run.finish()
    """))


def wandb_cli(*arguments):
    return [sys.executable, "-m", "wandb", *arguments]


def path(sid):
    return f"{entity}/{PROJECT}/{sid}"


def sweep(values, seconds):
    config = {
        "program": "train.py",
        "method": "grid",
        "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {"a": {"values": values}, "seconds": {"value": seconds}},
    }
    return wandb.sweep(config, project=PROJECT)


def agent(sid):
    return subprocess.Popen(
        wandb_cli("agent", path(sid)), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def runs(sid):
    return list(wandb.Api().sweep(path(sid)).runs)


def state(sid, flag):
    p = subprocess.run(wandb_cli("sweep", flag, path(sid)), env=env, capture_output=True, text=True, timeout=60)
    assert p.returncode == 0, (p.stdout, p.stderr)


def until(condition, seconds, what):
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return
        time.sleep(0.5)
    raise SystemExit(f"not within {seconds} s: {what}")


# --- two agents
sid = sweep([1, 2, 3, 4], 0.5)
both = [agent(sid), agent(sid)]
for p in both:
    out, _ = p.communicate(timeout=120)
    assert p.returncode == 0, out[-1500:]
found = sorted(r.config["a"] for r in runs(sid))
assert found == [1, 2, 3, 4], found
assert all(r.state == "finished" for r in runs(sid)), [r.state for r in runs(sid)]
assert wandb.Api().sweep(path(sid)).state == "FINISHED"
assert wandb.Api().sweep(path(sid)).expected_run_count == 4

# --- a run that was deleted leaves a gap, and an agent fills it (wandb#1787)
[r for r in runs(sid) if r.config["a"] == 2][0].delete()
assert agent(sid).wait(timeout=90) == 0
assert sorted(r.config["a"] for r in runs(sid)) == [1, 2, 3, 4]

# --- pause: the run under way ends, no other begins; resume: the rest
sid = sweep([1, 2], 3)
p = agent(sid)
until(lambda: len(runs(sid)) == 1, 40, "the first run")
state(sid, "--pause")
until(lambda: runs(sid)[0].state == "finished", 40, "the end of the first run")
time.sleep(8)
assert len(runs(sid)) == 1, "a paused sweep has handed out a run"
state(sid, "--resume")
out, _ = p.communicate(timeout=90)
assert p.returncode == 0 and sorted(r.config["a"] for r in runs(sid)) == [1, 2], out[-1500:]

# --- cancel: the run under way is stopped
sid = sweep([1, 2], 300)
p = agent(sid)
until(lambda: [r for r in runs(sid) if r.state == "running"], 40, "a running run")
state(sid, "--cancel")
out, _ = p.communicate(timeout=90)
assert p.returncode == 0, out[-1500:]
until(lambda: runs(sid)[0].state == "killed", 20, "the killed run")
assert len(runs(sid)) == 1
print("OK")
