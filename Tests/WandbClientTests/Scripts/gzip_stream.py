"""Histories sent compressed. Exit 0 = pass."""
import os
import tempfile

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
import wandb  # noqa: E402

with wandb.init(project="gzip", settings=wandb.Settings(x_file_stream_no_gzip=False)) as run:
    path = run.path
    for i in range(100):
        run.log({"x": i})
rows = list(wandb.Api().run(path).scan_history())
assert [row["x"] for row in rows] == list(range(100)), rows
print("OK")
