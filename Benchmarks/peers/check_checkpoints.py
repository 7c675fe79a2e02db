"""Passes checkpoints between our trainer and nano4m.py, both ways, for several configurations.

    python Benchmarks/peers/check_checkpoints.py TRAINER TOKENS

TRAINER is the built command, TOKENS a token set with the modalities image and audio. For each configuration a short
training of ours is loaded in PyTorch with strict=True and its logits compared (as a golden directory that PyTorch
writes and `trainer verify` reads, two further training steps included); then PyTorch's weights begin a training of ours,
whose first checkpoint must hold them bit for bit.
"""

import ast
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

import goldens
import nano4m

CONFIGURATIONS = {
    "plain": {}, "mean over tokens": {"per_modality_loss_avg": False}, "bias": {"use_bias": True},
    "separate tables": {"overlap_vocab": False, "overlap_posembs": False}, "swiglu": {"mlp": "swiglu"},
    "rope": {"rope": True}, "z-loss": {"z_loss": 1e-3}, "mlp_ratio": {"mlp_ratio": 2.5, "head_dim": 8},
    "all": {
        "use_bias": True, "overlap_vocab": False, "overlap_posembs": False, "mlp": "swiglu", "rope": True,
        "z_loss": 1e-3,
    },
}
TRAINING = {
    "subset": "image+audio", "dim": 32, "enc_depth": 2, "dec_depth": 2, "head_dim": 16, "batch_size": 4,
    "input_tokens_range": [4, 16], "target_tokens_range": [4, 16], "total_tokens": 128 * 12, "lr": 1e-3,
    "eval_clips": 2,
}


def newest(run):
    return max((run / "checkpoints").iterdir())


def train(trainer, run, config):
    run.mkdir(parents=True)
    (run / "run.json").write_text(json.dumps({"directory": str(run), "config": config}))
    command = [trainer, "train", "--settings", str(run / "run.json"), "--tracker", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return newest(run) / "model.safetensors"


def arguments(path):
    """The model's arguments, as the reference reads them: literals of Python."""
    with safe_open(path, "pt") as file:
        return {name: ast.literal_eval(value) for name, value in file.metadata().items()}


def check(trainer, tokens, folder, options):
    ours = train(trainer, folder / "ours", TRAINING | options | {"tokens": tokens})
    config = arguments(ours)
    model = nano4m.Nano4M(**config)
    model.load_state_dict(load_file(ours), strict=True)
    goldens.record(folder / "golden", model, config, {}, steps=2)
    verify = subprocess.run(
        [trainer, "verify", str(folder / "golden"), "--format", "json"], capture_output=True, text=True)
    result = json.loads(verify.stdout)[0]

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    theirs = folder / "theirs.safetensors"
    goldens.save(theirs, model, config)
    # A training whose rate is 0 changes nothing: what it saves is what it loaded.
    still = {"init_from": str(theirs), "lr": 0, "min_lr": 0, "tokens": tokens, "total_tokens": 128}
    loaded = load_file(train(trainer, folder / "from-theirs", TRAINING | options | still))
    expected = model.state_dict()
    same = loaded.keys() == expected.keys() and all(torch.equal(loaded[n], expected[n]) for n in expected if n != "pos_emb")
    return result, same


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    failed = False
    for name, options in CONFIGURATIONS.items():
        with tempfile.TemporaryDirectory() as folder:
            result, same = check(sys.argv[1], sys.argv[2], Path(folder), options)
        good = same and max(result["logits"], result["gradients"], result["losses"]) < 1e-4
        failed |= not good
        print(
            f"{name}: logits {result['logits']:.1e}, gradients {result['gradients']:.1e}, two further steps' losses "
            f"{result['losses']:.1e} and weights {result['weights']:.1e}; theirs in ours {'exact' if same else 'DIFFER'}")
    sys.exit(failed)
