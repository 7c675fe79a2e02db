"""Writes golden directories of nano4m.py with each option of the trainer, for `trainer verify` and its tests.

    python Benchmarks/peers/goldens.py FOLDER

The models are tiny, the weights random everywhere (no norm is 1, no bias and no head 0), token counts uneven.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

import nano4m

BASE = {
    "modalities": ["image", "audio", "label"], "vocab_sizes": [24, 16, 5], "max_seq_lens": [9, 14, 1], "dim": 8,
    "enc_depth": 1, "dec_depth": 1, "head_dim": 4, "mlp_ratio": 3.0, "use_bias": False, "per_modality_loss_avg": True,
}
SEPARATE = {"overlap_vocab": False, "overlap_posembs": False}
MUON = {"muon_rate_ratio": 20.0, "muon_momentum": 0.95}
VARIANTS = {
    "bias": ({"use_bias": True}, {}),
    "swiglu": ({"mlp": "swiglu"}, {}),
    "rope": ({"rope": True}, {}),
    "separate": (SEPARATE, {}),
    "z-loss": ({"z_loss": 0.01}, {}),
    "z-loss-all-tokens": ({"z_loss": 0.01, "per_modality_loss_avg": False}, {}),
    "muon": ({}, MUON),
    "everything": ({"use_bias": True, "mlp": "swiglu", "rope": True, "z_loss": 0.01, **SEPARATE}, MUON),
}
SAMPLES, SLOTS, STEPS = 3, 10, 3


def sequences(config, generator):
    """One side of a padded batch; the last sample is short and every modality's share is random."""

    def draw(high, shape):
        return torch.randint(0, high, shape, generator=generator)

    modality = draw(len(config["modalities"]), (SAMPLES, SLOTS))
    sizes, lengths = torch.tensor(config["vocab_sizes"]), torch.tensor(config["max_seq_lens"])
    token = draw(1 << 20, (SAMPLES, SLOTS)) % sizes[modality]
    position = draw(1 << 20, (SAMPLES, SLOTS)) % lengths[modality]
    if not config.get("overlap_vocab", True):
        token += (sizes.cumsum(0) - sizes)[modality]
    if not config.get("overlap_posembs", True):
        position += (lengths.cumsum(0) - lengths)[modality]
    mask = torch.arange(SLOTS)[None] < torch.tensor([[SLOTS], [SLOTS - 3], [2]])
    side = {"tokens": token, "positions": position, "modalities": modality}
    return {name: values.masked_fill(~mask, 0) for name, values in side.items()} | {"pad_mask": mask}


def batch_of(config, generator):
    return {
        f"{side}_{name}": values
        for side in ("enc", "dec") for name, values in sequences(config, generator).items()
    }


def literal(value):
    return f"'{value}'" if isinstance(value, str) else str(value)


def save(path, model, config):
    """A checkpoint as the reference writes it: the model's arguments are metadata, as literals of Python."""
    metadata = {name: literal(value) for name, value in config.items()}
    save_file({n: t.contiguous() for n, t in model.state_dict().items()}, path, metadata)


def record(folder, model, config, muon, steps=STEPS):
    """Trains the model for a few steps and writes down everything that is to be recomputed."""
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "weights.safetensors", model, config)
    # A larger eps than usual: the gradient of a key's bias is 0 but for rounding, which 1e-8 would blow up.
    settings = {"lr": 1e-3, "betas": [0.9, 0.95], "eps": 1e-6, "weight_decay": 0.05, "clip_grad": 1.0, **muon}
    adamw = nano4m.optimizer(
        model, settings["lr"], settings["betas"], settings["eps"], settings["weight_decay"], **muon)
    generator = torch.Generator().manual_seed(11)
    tensors, rows = {}, []
    for index in range(steps):
        batch = batch_of(config, generator)
        for name, values in batch.items():
            tensors[f"batch{index}.{name}"] = values.to(torch.uint8 if name.endswith("mask") else torch.int32)
        if index == 0:
            logits = model.logits(batch)
            tensors["step0.logits"] = logits.detach().contiguous()
            model.loss(logits, batch)[0].backward()
            for name, parameter in model.named_parameters():
                tensors[f"step0.grad.{name}"] = parameter.grad.contiguous()
            model.zero_grad()
        rate = settings["lr"] * (index + 1) / steps
        for group in adamw.param_groups:
            group["lr"] = rate
        loss, means, norm = nano4m.train_step(model, adamw, batch, settings["clip_grad"])
        rows.append({
            "step": index, "lr": rate, "loss": loss.item(), "grad_norm": norm.item(),
            "per_modality": {name: value.item() for name, value in means.items()},
        })
    for name, parameter in model.named_parameters():
        tensors[f"final.{name}"] = parameter.detach().contiguous()
    save_file(tensors, folder / "expected.safetensors")
    expected = {"config": config, "optimizer": settings, "steps": rows}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


def write(folder, changes, muon):
    config = BASE | changes
    torch.manual_seed(7)
    model = nano4m.Nano4M(**config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    record(folder, model, config, muon)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for name, (changes, muon) in VARIANTS.items():
        write(Path(sys.argv[1]) / name, changes, muon)
