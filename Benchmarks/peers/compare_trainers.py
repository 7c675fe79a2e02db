"""Runs `trainer bench` and its peer in PyTorch in turns and prints ratios of medians: see Benchmarks/trainer."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

GENERATION_PEER = Path(__file__).with_name("nano4m_generate.py")
PEER = Path(__file__).with_name("nano4m_bench.py")


def measure(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed with exit code {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def speed(tokens):
    return "" if tokens is None else f"{tokens:,.0f}"


def ratio(ours, other):
    return "" if other is None else f"{ours / other:.2f}"


def compare_generation(options, seconds):
    """256 image tokens in 16 steps from 256 of audio at 110 M, the same weights, conditions and order."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        weights = f"{folder}/weights.safetensors"
        subprocess.run([sys.executable, GENERATION_PEER, "make", weights], check=True)
        for _ in range(options.rounds):
            for clips in options.clips:
                plan = f"{folder}/plan-{clips}.json"
                peer = [sys.executable, GENERATION_PEER, "time", weights, plan, *seconds]
                programs = {
                    "ours": [options.trainer, "bench", "--generate", weights, "--clips", str(clips), "--plan", plan,
                             "--format", "json", *seconds],
                    "float32": peer, "bf16": [*peer, "--bf16"],
                }
                for name, command in programs.items():
                    if name != "bf16" or not options.without_bf16:
                        results.setdefault((clips, name), []).append(measure(command))
    print("| clips | ours, tokens/s | PyTorch float32 | bf16 autocast | ours / float32 | ours / bf16 | equal tokens |")
    print("|---|---|---|---|---|---|---|")
    for clips in options.clips:
        ours, single, half = (
            median(each["tokens_per_second"] for each in results[clips, name]) if (clips, name) in results else None
            for name in programs)
        equal = results[clips, "float32"][0]
        print(f"| {clips} | {ours:,.0f} | {single:,.0f} | {speed(half)} | {ours / single:.2f} | {ratio(ours, half)} |"
              f" {equal['equal_tokens']} of {equal['tokens']} |")
    return [{"program": name, **each} for (_, name), values in results.items() for each in values]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainer", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement, at least")
    parser.add_argument("--sizes", nargs="+", choices=["tiny", "small", "110m"], default=["tiny", "small", "110m"])
    parser.add_argument("--generation", action="store_true", help="compare generation instead of training")
    parser.add_argument("--clips", nargs="+", type=int, default=[1, 8], help="generated together, with --generation")
    parser.add_argument("--without-bf16", action="store_true", help="leave out autocast, many times slower on some processors")
    parser.add_argument("--output", help="write every measurement to this file, as JSON")
    options = parser.parse_args()
    seconds = ["--seconds", str(options.seconds)]
    if options.generation:
        rows = compare_generation(options, seconds)
        if options.output:
            Path(options.output).write_text(json.dumps(rows, indent=1) + "\n")
        return
    programs = {
        "ours": [options.trainer, "bench", "--format", "json"],
        "float32": [sys.executable, PEER],
        "bf16": [sys.executable, PEER, "--bf16"],
    }
    if options.without_bf16:
        del programs["bf16"]
    results = {}
    for round_number in range(options.rounds):
        print(f"round {round_number + 1} of {options.rounds}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
        for size in options.sizes:
            for counts in (["--all-valid"], []):
                for name, command in programs.items():
                    result = measure([*command, "--size", size, *counts, *seconds])
                    results.setdefault((size, bool(counts), name), []).append(result)

    def middle(size, all_valid, name, key):
        return median(each[key] for each in results[size, all_valid, name])

    print("| work | ours, tokens/s | PyTorch float32 | bf16 autocast | ours / float32 | ours / bf16 | peak memory, ours / float32 |")
    print("|---|---|---|---|---|---|---|")
    for size in options.sizes:
        for all_valid in (True, False):
            ours, single, *rest = (middle(size, all_valid, name, "tokens_per_second") for name in programs)
            half = rest[0] if rest else None
            memory = [middle(size, all_valid, name, "peak_memory_bytes") for name in ("ours", "float32")]
            print(
                f"| {size}, {'all valid' if all_valid else 'counts of the reference'} | {ours:,.0f} | {single:,.0f} |"
                f" {speed(half)} | {ours / single:.2f} | {ratio(ours, half)} |"
                f" {memory[0] / memory[1]:.2f} ({memory[0] / 2**20:.0f} of {memory[1] / 2**20:.0f} MiB) |")
    if options.output:
        rows = [{"program": name, **each} for (_, _, name), values in results.items() for each in values]
        Path(options.output).write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
