"""Thousands of metrics in a row, long texts, deep structures, rows larger than a request. Exit 0 = pass."""
import os
import tempfile

os.chdir(tempfile.mkdtemp(prefix="wbt-"))
import wandb  # noqa: E402

with wandb.init(project="many") as run:
    path = run.path
    for step in range(3):
        run.log({f"m/{i}": i + step / 8 for i in range(3000)})
    run.log({"long": "x" * 200_000, "k" * 2000: 1, "list": list(range(1000)), "unicode Ж": 1, "a.b": 2, "nul": "a\0b"})
    nested = 1.0
    for _ in range(30):
        nested = {"d": nested}
    run.log(nested)
    for i in range(40):
        run.log({"blob": "y" * 60_000, "i": i})

r = wandb.Api().run(path)
rows = list(r.scan_history(page_size=2))
assert len(rows) == 45, len(rows)
assert all(rows[step][f"m/{i}"] == i + step / 8 for step in range(3) for i in range(3000))
assert rows[3]["long"].startswith("xxx") and rows[3]["list"] == list(range(1000)) and rows[3]["unicode Ж"] == 1, rows[3].keys()
assert rows[4][".".join("d" * 30)] == 1.0, rows[4].keys()
assert [row["i"] for row in rows[5:]] == list(range(40))
print("OK")
