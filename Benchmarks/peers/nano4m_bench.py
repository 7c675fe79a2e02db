"""Times training steps of the peer, as `trainer bench` times ours: the same sizes, counts of tokens and clock.

    python nano4m_bench.py --size tiny [--all-valid] [--bf16] [--seconds 5]      prints one JSON object
"""

import argparse
import json
import resource
import time

import torch

import nano4m

SIZES = {
    # dim, depth, head_dim, vocabulary, batch, slots
    "tiny": (128, 2, 32, 512, 32, 64),
    "small": (256, 4, 64, 4096, 16, 128),
    "110m": (512, 6, 64, 64000, 4, 128),
}


def draws():
    """Knuth's generator, as in BenchSize.swift."""
    state = 1
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 33


def side(prefix, counts, slots, vocabulary):
    """A padded side of a batch: the first `count` slots of each sample are real."""
    count = torch.tensor(counts)[:, None]
    slot = torch.arange(slots)[None, :]
    return {
        f"{prefix}_tokens": torch.randint(0, vocabulary, (len(counts), slots)),
        f"{prefix}_modalities": torch.where(slot < count, slot * 2 // count, 0),
        f"{prefix}_positions": torch.where(slot < count, slot, 0),
        f"{prefix}_pad_mask": slot < count,
    }


def batches(count, batch, slots, vocabulary, all_valid):
    numbers = draws()
    for _ in range(count):
        pairs = [(slots, slots) if all_valid else (1 + next(numbers) % slots, 1 + next(numbers) % slots)
                 for _ in range(batch)]
        yield side("enc", [i for i, _ in pairs], slots, vocabulary) | side("dec", [t for _, t in pairs], slots, vocabulary)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=SIZES, default="tiny")
    parser.add_argument("--all-valid", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    dim, depth, head_dim, vocabulary, batch, slots = SIZES[options.size]
    torch.manual_seed(0)
    model = nano4m.Nano4M(["image", "depth"], [vocabulary] * 2, [256] * 2, dim, depth, depth, head_dim)
    adamw = nano4m.optimizer(model, 1e-4)
    data = list(batches(4, batch, slots, vocabulary, options.all_valid))
    times = []

    def rounds():
        for each in data:
            start = time.perf_counter()
            nano4m.train_step(model, adamw, each, autocast=torch.bfloat16 if options.bf16 else None)
            times.append(time.perf_counter() - start)

    rounds()
    times.clear()
    while sum(times) < options.seconds:
        rounds()
    tokens = sum(int(each[f"{s}_pad_mask"].sum()) for each in data for s in ("enc", "dec"))
    print(json.dumps({
        "size": options.size, "all_valid": options.all_valid, "bf16": options.bf16,
        "threads": torch.get_num_threads(), "torch": torch.__version__, "steps": len(times),
        "tokens_per_second": tokens * (len(times) // len(data)) / sum(times),
        "step_ms": sorted(times)[len(times) // 2] * 1000,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
