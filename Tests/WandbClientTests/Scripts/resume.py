"""resume=allow, must, never; going on after a crash; the same id started afresh. Exit 0 = pass."""
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
import wandb  # noqa: E402

suffix = str(int(time.time() * 1000) % 10**9)


def start(run_id, resume):
    return wandb.init(project="resume", id=run_id, resume=resume)


# Nothing there yet: must fails, allow and never begin.
try:
    start("none" + suffix, "must")
    raise SystemExit("must resumed a run that does not exist")
except wandb.Error:
    pass
with start("a" + suffix, "allow") as run:
    assert run.step == 0 and not run.resumed
    run.config["lr"] = 0.5
    for i in range(10):
        run.log({"x": i})
    print("first line")

for _ in range(2):
    with start("a" + suffix, "must") as run:
        assert run.resumed and run.config["lr"] == 0.5 and run.summary["x"] == run.starting_step - 1, run.starting_step
        first = run.starting_step
        for i in range(first, first + 10):
            run.log({"x": i})
        print("another line")
api = wandb.Api()
r = api.run(f"{api.default_entity}/resume/a{suffix}")
rows = list(r.scan_history())
assert [row["_step"] for row in rows] == list(range(30)) == [row["x"] for row in rows], rows
assert r.state == "finished" and r.config["lr"] == 0.5

# A crash: script and uploader are killed, the run goes on where it was.
code = f"""
import time, wandb
run = wandb.init(project="resume", id="c{suffix}", settings=wandb.Settings(x_file_stream_transmit_interval=1))
for i in range(5):
    run.log({{"x": i}})
time.sleep(4)
print("ready", flush=True)
time.sleep(100)
"""
env = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
for line in child.stdout:
    if "ready" in line:
        break
for pid in [p for p in os.listdir("/proc") if p.isdigit()]:
    try:
        with open(f"/proc/{pid}/stat") as f:
            parent = int(f.read().rsplit(")", 1)[1].split()[1])
    except OSError:
        continue
    if parent == child.pid:
        os.kill(int(pid), signal.SIGKILL)
child.kill()
child.wait()
with start("c" + suffix, "allow") as run:
    first = run.starting_step
    assert run.resumed and 1 <= first <= 5, first
    for i in range(first, first + 5):
        run.log({"x": i})
r = wandb.Api().run(f"{api.default_entity}/resume/c{suffix}")
rows = list(r.scan_history())
assert [row["_step"] for row in rows] == list(range(first + 5)), rows
assert r.state == "finished"

# The same id without resume: what is logged anew counts, the old rows stay in the record.
with wandb.init(project="resume", id="a" + suffix) as run:
    for i in range(3):
        run.log({"x": 100 + i})
rows = list(wandb.Api().run(f"{api.default_entity}/resume/a{suffix}").scan_history())
assert [row["x"] for row in rows] == [100, 101, 102] + list(range(3, 30)), rows
try:
    start("a" + suffix, "never")
    raise SystemExit("never resumed a run")
except Exception as error:  # noqa: BLE001 (its class differs between versions)
    assert "never" in str(error) or "exists" in str(error), error

print("OK")
