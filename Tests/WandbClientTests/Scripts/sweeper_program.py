"""`sweeper run` works through a W&B sweep file: the script's runs are in the tracker with their sweep, trial, config and summary, and every macro of `command` arrives as W&B fills it in.

env: WANDB_BASE_URL, WANDB_API_KEY, SWEEPER (the program). Exit 0 = pass.
"""
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import urllib.request

os.environ.setdefault("WANDB_SILENT", "true")
os.chdir(tempfile.mkdtemp(prefix="wbs-"))

import wandb  # noqa: E402

url = os.environ["WANDB_BASE_URL"]
env = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SWEEP_ID", "WANDB_RUN_ID")}
env |= {"SAGA_URL": url, "SAGA_HOME": os.getcwd() + "/saga", "FLAVOUR": "salt and pepper"}
env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env["PATH"]

with open("train.py", "w") as f:
    f.write(textwrap.dedent("""
        import json, os, sys, wandb
        with open("argv-" + os.environ["WANDB_RUN_ID"], "w") as f:
            json.dump(sys.argv[1:], f)
        if "--config" in sys.argv:
            with open(sys.argv[sys.argv.index("--config") + 1]) as f:
                assert json.load(f)["lr"] in (0.1, 1e-05), "args_json_file"
        # Within a sweep the client takes the sweep's project.
        run = wandb.init(project="elsewhere")
        for step in range(3):
            run.log({"loss": run.config["lr"] * (3 - step)})
        run.summary["note"] = "of " + run.config["opt"]["name"]
    """))


def sweep(name, **keys):
    definition = {
        "name": name,
        "project": "programs",
        "program": "train.py",
        "method": "grid",
        "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {
            "lr": {"values": [0.1, 1e-5]},
            "amp": {"value": True},
            "opt": {"parameters": {"name": {"value": "adam"}, "betas": {"value": [0.9, 0.999]}}},
        },
    } | keys
    with open(name + ".yaml", "w") as f:
        json.dump(definition, f)
    done = subprocess.run(
        [os.environ["SWEEPER"], "run", name + ".yaml", "--slots", "2"], env=env, capture_output=True, text=True,
        timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    runs = wandb.Api().runs("programs", filters={"sweep": asked(f"sweeps/{name}")["id"]})
    return sorted(runs, key=lambda run: run.config["lr"])


def asked(path):
    with urllib.request.urlopen(f"{url}/api/v1/{path}") as answer:
        return json.load(answer)


# --- as W&B starts it where nothing else is said
runs = sweep("usual")
assert [run.config for run in runs] == [
    {"lr": lr, "amp": True, "opt": {"name": "adam", "betas": [0.9, 0.999]}} for lr in (1e-5, 0.1)
], [run.config for run in runs]
assert [run.state for run in runs] == ["finished", "finished"]
assert [run.summary["loss"] for run in runs] == [1e-5, 0.1], [dict(run.summary) for run in runs]
assert [run.summary["note"] for run in runs] == ["of adam", "of adam"]
assert all(len(list(run.scan_history())) == 3 for run in runs)
trials = asked("sweeps/usual/trials")
assert [(t["number"], t["config"]["lr"], t["state"]) for t in trials] == [(1, 0.1, "done"), (2, 1e-5, "done")], trials
assert {t["run"]: t["value"] for t in trials} == {run.id: run.summary["loss"] for run in runs}, trials
found = wandb.Api().sweep("programs/" + asked("sweeps/usual")["id"])
assert found.state == "FINISHED" and found.best_run().config["lr"] == 1e-5, (found.state, found.best_run())
assert runs[0].sweep.id == found.id
for run in runs:
    with open("argv-" + run.id) as f:
        assert json.load(f) == [
            "--amp=True", f"--lr={run.config['lr']}", "--opt={'betas': [0.9, 0.999], 'name': 'adam'}"
        ]
assert not wandb.Api().runs("elsewhere", per_page=1) if "elsewhere" in [p["name"] for p in asked("projects")] else True

# --- every macro in one line
runs = sweep(
    "macros",
    command=[
        "${env}", "EXTRA=1", "${interpreter}", "${program}", "${args_no_boolean_flags}", "${args_no_hyphens}",
        "${args_no_equals}", "${args_append_hydra}", "${args_override_hydra}", "${args_json}", "--config",
        "${args_json_file}", "--flavour=${envvar:FLAVOUR}", "plain",
    ])
opt = "{'betas': [0.9, 0.999], 'name': 'adam'}"
for run in runs:
    lr = str(run.config["lr"])
    with open("argv-" + run.id) as f:
        words = json.load(f)
    path = words[words.index("--config") + 1]
    assert words == [
        "--amp", "--lr=" + lr, "--opt=" + opt, "amp=True", "lr=" + lr, "opt=" + opt, "--amp", "True", "--lr", lr,
        "--opt", opt, "+amp=True", "+lr=" + lr, "+opt=" + opt, "++amp=True", "++lr=" + lr, "++opt=" + opt,
        json.dumps({"amp": True, "lr": run.config["lr"], "opt": {"betas": [0.9, 0.999], "name": "adam"}}),
        "--config", path, "--flavour=salt and pepper", "plain",
    ], words

# --- a program that fails: one sentence, its run, exit code 1
definition = {
    "name": "failing", "project": "programs", "method": "grid", "program": "fail.py", "retry": {"attempts": 1},
    "parameters": {"a": {"values": [1, 2]}},
}
with open("fail.py", "w") as f:
    f.write("import sys, wandb\nrun = wandb.init()\nsys.exit('cannot go on') if run.config['a'] == 2 else None\n")
with open("failing.yaml", "w") as f:
    json.dump(definition, f)
done = subprocess.run([os.environ["SWEEPER"], "run", "failing.yaml"], env=env, capture_output=True, text=True)
assert done.returncode == 1, done.stderr
assert "failed: run a=2: " in done.stderr and "1 of 2 trials done" in done.stderr, done.stderr
states = {r.config["a"]: r.state for r in wandb.Api().runs("programs", filters={"sweep": asked("sweeps/failing")["id"]})}
assert states == {1: "finished", 2: "failed"}, states
print("OK")
