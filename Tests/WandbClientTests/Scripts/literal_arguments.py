"""S6: what a sweep file says reaches a script's sys.argv and config letter by letter, from the file through tracker, sweeper and agent.

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
os.chdir(tempfile.mkdtemp(prefix="wbl-"))
url = os.environ["WANDB_BASE_URL"]
env = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SWEEP_ID", "WANDB_RUN_ID")}
env |= {"SAGA_URL": url, "SAGA_HOME": os.getcwd() + "/saga"}
env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env["PATH"]

VALUES = [
    "two words", "  both ends  ", "'single'", '"double"', "it's \"both\"", "line\nline\n", "tab\there", "cr\r\n", "--",
    "--flag", "-x", "-", "--a=b", "=", "", ";id", "$(touch /tmp/never)", "`id`", "${HOME}", "$HOME", "${args}", "%s%n",
    "*", "~", "\\", "\\n", "a\\", "#", "grün, 日本語, 🦔", "e\u0301", "\u202e", "{'a': 1}", "null", "true", "1e3", "007",
    "x" * 30_000,
]
with open("script with spaces.py", "w") as f:
    f.write(textwrap.dedent("""
        import json, os, sys, wandb
        with open(os.environ["WANDB_RUN_ID"] + ".json", "w") as f:
            json.dump(sys.argv[1:], f)
        with wandb.init() as run:
            # As it is: half a character cannot be written.
            with open(os.environ["WANDB_RUN_ID"] + ".config", "w", encoding="utf-8") as f:
                json.dump(dict(run.config), f, ensure_ascii=False)
    """))


# One trial that has them all: a parameter for each.
NAMES = [f"p{n:02}" for n in range(len(VALUES))]
CONFIG = dict(zip(NAMES, VALUES))
# Numbers arrive as the file has them: a float stays one, in words and in the config.
NUMBERS = [1, 1.0, -0.0, 1e-5, 1e-3, 1e16, 12345678901234568.0, 1e22, 0.1 + 0.2, 100000.0, 2**53 + 1]
for n, value in enumerate(NUMBERS):
    NAMES.append(f"q{n:02}")
    CONFIG[NAMES[-1]] = value
# Structures arrive as Python writes them.
CONFIG["structure"] = [VALUES, {"floats": [1e-5, 0.1, 123456.789, 2.0]}, None, True, "\u00ad\u00a0\U000e0001"]
NAMES.append("structure")
ODD = ["", "a  b", "--odd", "$(id)", "it's", "new\nline", "é"]
definition = {
    "name": "literal", "project": "literal", "method": "grid", "program": "script with spaces.py",
    "command": ["${env}", "${interpreter}", "${program}", *ODD, "${args}", "${args_no_equals}", "${args_json}"],
    "parameters": {name: {"value": value} for name, value in CONFIG.items()},
}
with open("literal.yaml", "w") as f:
    json.dump(definition, f, ensure_ascii=False)
done = subprocess.run(
    [os.environ["SWEEPER"], "run", "literal.yaml"], env=env, capture_output=True, text=True, timeout=120)
assert done.returncode == 0, done.stderr[-3000:]
with urllib.request.urlopen(f"{url}/api/v1/sweeps/literal/trials") as answer:
    (trial,) = json.load(answer)
assert trial["config"] == CONFIG
with open(trial["run"] + ".json") as f:
    *words, text = json.load(f)
assert words[:len(ODD)] == ODD, words[:len(ODD)]
words = words[len(ODD):]
assert words[:len(NAMES)] == [f"--{name}={value!s}" for name, value in CONFIG.items()]
assert words[len(NAMES):] == [word for name, value in CONFIG.items() for word in ("--" + name, str(value))]
assert json.loads(text) == CONFIG, text
with open(trial["run"] + ".config") as f:
    read = json.load(f)
assert read == CONFIG
assert [repr(read[name]) for name in NAMES] == [repr(CONFIG[name]) for name in NAMES], read
assert not os.path.exists("/tmp/never")
print("OK")
