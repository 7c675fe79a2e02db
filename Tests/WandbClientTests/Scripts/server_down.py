"""Logs for 25 s while its server is stopped and started again: every row once, in order. Exit 0 = pass."""
import os
import tempfile
import time

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
import wandb  # noqa: E402

with wandb.init(project="down", settings=wandb.Settings(x_file_stream_transmit_interval=1, x_file_stream_retry_wait_min_seconds=1, x_file_stream_retry_wait_max_seconds=2)) as run:
    path = run.path
    for i in range(250):
        run.log({"x": i, "y": i * 0.1})
        print("line", i)
        time.sleep(0.1)
r = wandb.Api().run(path)
rows = list(r.scan_history())
assert [row["x"] for row in rows] == list(range(250)), [row["x"] for row in rows]
assert [row["y"] for row in rows] == [i * 0.1 for i in range(250)]
assert r.state == "finished" and r.summary["x"] == 249, (r.state, r.summary)
lines = [line.content for line in r.console_logs()]
assert [line for line in lines if line.startswith("line ")] == [f"line {i}" for i in range(250)], lines
print("OK")
