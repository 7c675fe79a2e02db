"""hyperband really stops runs, with the function agent and with the agent of the command line.

The first run is good; the others are worse at every band and would take a minute each. env: WANDB_BASE_URL, WANDB_API_KEY. Exit 0 = pass.
"""
import os
import subprocess
import sys
import tempfile
import textwrap
import time

os.environ.setdefault("WANDB_API_KEY", "0123456789abcdef0123456789abcdef01234567")
os.environ.setdefault("WANDB_SILENT", "true")
os.chdir(tempfile.mkdtemp(prefix="wbh-"))

import wandb  # noqa: E402

PROJECT = "hyperband-" + str(int(time.time() * 1000) % 10**9)
entity = wandb.Api().default_entity


def sweep():
    return wandb.sweep(
        {
            "program": "train.py",
            "method": "grid",
            "metric": {"name": "loss", "goal": "minimize"},
            "early_terminate": {"type": "hyperband", "min_iter": 2, "eta": 3},
            "parameters": {"level": {"values": [1, 2, 9]}},
        },
        project=PROJECT,
    )


def check(sid, states):
    runs = {r.config["level"]: r for r in wandb.Api().sweep(f"{entity}/{PROJECT}/{sid}").runs}
    assert sorted(runs) == [1, 2, 9], sorted(runs)
    assert runs[1].state == "finished", runs[1].state
    for level in (2, 9):
        assert runs[level].state in states, (level, runs[level].state)
        rows = list(runs[level].scan_history())
        assert 2 <= len(rows) < 600, len(rows)
    state = wandb.Api().sweep(f"{entity}/{PROJECT}/{sid}").state
    assert state == "FINISHED", state


# --- function agent: an exception ends the thread, the run tells its own end
def train():
    settings = wandb.Settings(x_file_stream_transmit_interval=1)
    with wandb.init(settings=settings) as run:
        level = run.config["level"]
        for i in range(600):
            run.log({"loss": level})
            time.sleep(0 if level == 1 else 0.1)


sid = sweep()
start = time.time()
wandb.agent(sid, function=train, project=PROJECT)
assert time.time() - start < 100, "nothing was stopped"
check(sid, ("failed", "killed"))

# --- agent of the command line: SIGTERM, and nobody tells the end but the server
with open("train.py", "w") as f:
    f.write(textwrap.dedent("""
        import argparse, time, wandb
        p = argparse.ArgumentParser()
        p.add_argument("--level", type=int)
        level = p.parse_args().level
        run = wandb.init(settings=wandb.Settings(x_file_stream_transmit_interval=1))
        for i in range(600):
            run.log({"loss": level})
            time.sleep(0 if level == 1 else 0.1)
        run.finish()
    """))
env = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SWEEP_ID", "WANDB_RUN_ID")}
env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env["PATH"]
sid = sweep()
start = time.time()
p = subprocess.run(
    [sys.executable, "-m", "wandb", "agent", f"{entity}/{PROJECT}/{sid}"],
    env=env, capture_output=True, text=True, timeout=120,
)
assert p.returncode == 0, (p.stdout[-1500:], p.stderr[-1500:])
assert time.time() - start < 100, "nothing was stopped"
check(sid, ("killed",))
print("OK")
