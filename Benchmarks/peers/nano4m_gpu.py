"""Times training steps of the peer on a GPU, as scripts/gpu-check does ours: the same sizes, counts of tokens and clock.

    python nano4m_gpu.py --size 110m --batch 128 [--all-valid] [--compile] [--seconds 5]      prints one JSON object

The best that PyTorch has for the reference's model: bfloat16 autocast, scaled_dot_product_attention, fused AdamW, and a
loss without indices that depend on data, which would make the host wait. `check_golden.py --gpu-peer` holds it to the
reference's numbers, on a CPU.
"""

import argparse
import contextlib
import json
import time

import torch
import torch.nn.functional as F

import nano4m
from nano4m_bench import SIZES, batches


def attend(q, k, v, mask):
    mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
    return mixed.transpose(1, 2).flatten(2)


class Peer(nano4m.Nano4M):
    def loss(self, logits, batch):
        real, modality = batch["dec_pad_mask"].flatten(), batch["dec_modalities"].flatten()
        losses = F.cross_entropy(logits.flatten(0, 1), batch["dec_tokens"].flatten(), reduction="none")
        return self.average(losses, real, modality), {}

    def average(self, values, real, modality):
        def mean(chosen):
            chosen = chosen.to(values.dtype)
            return (values * chosen).sum() / chosen.sum().clamp(min=1)

        if not self.per_modality_loss_avg:
            return mean(real)
        return sum(mean(real & (modality == index)) for index in range(len(self.modalities))) / len(self.modalities)


def optimizer(model, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.05):
    groups = nano4m.optimizer(model, lr, weight_decay=weight_decay).param_groups
    return torch.optim.AdamW(
        [{"params": group["params"], "weight_decay": group["weight_decay"]} for group in groups],
        lr=lr, betas=betas, eps=eps, fused=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=SIZES, default="110m")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--all-valid", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    on_gpu = options.device.startswith("cuda")
    dim, depth, head_dim, vocabulary, _, slots = SIZES[options.size]
    nano4m.attend = attend
    torch.manual_seed(0)
    model = Peer(["image", "depth"], [vocabulary] * 2, [256] * 2, dim, depth, depth, head_dim).to(options.device)
    adamw = optimizer(model, 1e-4)
    data = [{name: value.to(options.device) for name, value in each.items()}
            for each in batches(4, options.batch, slots, vocabulary, options.all_valid)]
    forward = torch.compile(model) if options.compile else model

    def step(batch):
        with torch.autocast("cuda", dtype=torch.bfloat16) if on_gpu else contextlib.nullcontext():
            loss, _ = forward(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adamw.step()
        adamw.zero_grad(set_to_none=True)
        return loss

    def wait():
        if on_gpu:
            torch.cuda.synchronize()

    # Compilation and the first choice of kernels are not counted; steps are not waited for one by one.
    for _ in range(2):
        for each in data:
            step(each)
    wait()
    steps, start = 0, time.perf_counter()
    while time.perf_counter() - start < options.seconds:
        for each in data:
            loss = step(each)
        wait()
        steps += len(data)
    seconds = time.perf_counter() - start
    tokens = sum(int(each[f"{s}_pad_mask"].sum()) for each in data for s in ("enc", "dec"))
    print(json.dumps({
        "size": options.size, "batch": options.batch, "all_valid": options.all_valid, "compile": options.compile,
        "torch": torch.__version__, "steps": steps, "loss": float(loss.detach()),
        "tokens_per_second": tokens * (steps // len(data)) / seconds, "step_ms": seconds / steps * 1000,
        "peak_memory_bytes": torch.cuda.max_memory_allocated() if on_gpu else None,
    }))


if __name__ == "__main__":
    main()
