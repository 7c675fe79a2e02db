"""Holds nano4m.py to a directory of golden numbers: logits, gradients, losses and final weights of a short training.

    python Benchmarks/peers/check_golden.py DIRECTORY...
    python Benchmarks/peers/check_golden.py --gpu-peer DIRECTORY...      what nano4m_gpu.py times, without autocast
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

import nano4m
import nano4m_gpu


def relative(actual, expected):
    return ((actual - expected).abs().max() / expected.abs().max().clamp_min(1e-30)).item()


def batch_of(tensors, step):
    prefix = f"batch{step}."
    batch = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    return {k: v.bool() if k.endswith("_mask") else v.long() for k, v in batch.items()}


def check(folder, gpu_peer):
    folder = Path(folder)
    expected = json.loads((folder / "expected.json").read_text())
    tensors = load_file(folder / "expected.safetensors")
    kind, optimizer = (nano4m_gpu.Peer, nano4m_gpu.optimizer) if gpu_peer else (nano4m.Nano4M, nano4m.optimizer)
    model = kind(**expected["config"])
    model.load_state_dict(load_file(folder / "weights.safetensors"))
    settings = expected["optimizer"]
    adamw = optimizer(model, settings["lr"], settings["betas"], settings["eps"], settings["weight_decay"])
    batch = batch_of(tensors, 0)
    real = batch["dec_pad_mask"]
    logits = model.logits(batch)
    errors = {"logits": relative(logits[real], tensors["step0.logits"][real])}
    model.loss(logits, batch)[0].backward()
    errors["gradients"] = max(
        relative(p.grad, tensors[f"step0.grad.{name}"]) for name, p in model.named_parameters())
    model.zero_grad()
    errors["losses"] = 0.0
    for index, step in enumerate(expected["steps"]):
        for group in adamw.param_groups:
            group["lr"] = step["lr"]
        loss, means, norm = nano4m.train_step(model, adamw, batch_of(tensors, index), settings["clip_grad"])
        pairs = [(loss.item(), step["loss"]), (norm.item(), step["grad_norm"])]
        pairs += [(means[name].item(), value) for name, value in step["per_modality"].items() if name in means]
        errors["losses"] = max(errors["losses"], *(abs(a - b) / max(abs(b), 1e-30) if b else abs(a) for a, b in pairs))
    errors["weights"] = max(
        relative(p.detach(), tensors[f"final.{name}"]) for name, p in model.named_parameters())
    return errors


if __name__ == "__main__":
    worst = 0.0
    gpu_peer = sys.argv[1:2] == ["--gpu-peer"]
    if gpu_peer:
        nano4m.attend = nano4m_gpu.attend
    for directory in sys.argv[2 if gpu_peer else 1:]:
        errors = check(directory, gpu_peer)
        worst = max(worst, *errors.values())
        print(directory, *(f"{name} {error:.1e}" for name, error in errors.items()))
    sys.exit(worst > 1e-5)
