"""A run without a server, then `wandb sync` twice: every row once. Exit 0 = pass."""
import glob
import math
import os
import subprocess
import sys
import tempfile
import time

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
os.environ.pop("WANDB_DIR", None)
import wandb  # noqa: E402

run_id = "off" + str(int(time.time() * 1000) % 10**9)
with wandb.init(project="offline", id=run_id, mode="offline", config={"lr": 3}, tags=["t"]) as run:
    for i in range(50):
        run.log({"x": i, "deep": {"y": i / 7}, "bad": math.nan if i == 3 else i, "big": 2**53 + 1, "note": f"n{i}"})
    run.summary["best"] = 7
    with open("f.txt", "w") as f:
        f.write("saved")
    run.save("f.txt", policy="now")

folder = glob.glob("wandb/offline-run-*")[0]
env = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}


def sync(*extra):
    done = subprocess.run([sys.executable, "-m", "wandb", "sync", *extra, folder], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    # What the harness looks for.
    print(done.stdout, done.stderr)


api = wandb.Api()
for extra in [(), ("--include-synced",)]:
    sync(*extra)
    r = wandb.Api().run(f"{api.default_entity}/offline/{run_id}")
    rows = list(r.scan_history())
    assert [row["x"] for row in rows] == list(range(50)), rows
    assert all(row["deep.y"] == row["x"] / 7 and row["big"] == 2**53 + 1 and row["note"] == f"n{row['x']}" for row in rows)
    assert math.isnan(float(rows[3]["bad"]))
    assert r.state == "finished" and r.summary["best"] == 7 and r.config["lr"] == 3 and r.tags == ["t"]
    assert r.file("f.txt").download(root="dl", replace=True).read() == "saved"
    assert r.lastHistoryStep == 49 and r._attrs["historyLineCount"] == 50, r._attrs["historyLineCount"]
print("OK")
