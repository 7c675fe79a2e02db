"""Generates in PyTorch what `trainer bench --generate` generated, and times it: the peer of our generation.

    python nano4m_generate.py make WEIGHTS                      writes a 110 M model of random weights
    python nano4m_generate.py time WEIGHTS PLAN [--bf16] [--seconds 5]  prints one JSON object

As the reference generates (ROAR): each step encodes what is given and drawn so far, decodes the step's positions, takes
each one's likeliest token and adds it to the encoder's input. PLAN holds the conditions, the order and our tokens.
"""

import argparse
import ast
import json
import resource
import time

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import nano4m

MODEL = {
    "modalities": ["image", "audio"], "vocab_sizes": [64000, 2048], "max_seq_lens": [256, 2016], "dim": 512,
    "enc_depth": 6, "dec_depth": 6, "head_dim": 64,
}


def make(path):
    torch.manual_seed(0)
    model = nano4m.Nano4M(**MODEL)
    # Logits that are not all equal.
    torch.nn.init.normal_(model.to_logits.weight, std=0.02)
    extra = {"mlp_ratio": 4.0, "use_bias": False, "per_modality_loss_avg": True}
    save_file(model.state_dict(), path, metadata={key: str(value) for key, value in (MODEL | extra).items()})


def load(path):
    with safe_open(path, "pt") as file:
        arguments = {name: ast.literal_eval(value) for name, value in file.metadata().items()}
    model = nano4m.Nano4M(**arguments)
    model.load_state_dict(load_file(path), strict=True)
    return model.eval(), arguments["vocab_sizes"][0]


def side(prefix, tokens, modalities, positions):
    return {
        f"{prefix}_tokens": tokens, f"{prefix}_modalities": modalities, f"{prefix}_positions": positions,
        f"{prefix}_pad_mask": torch.ones_like(tokens, dtype=torch.bool),
    }


@torch.inference_mode()
def generate(model, vocabulary, clips):
    token, modality, position = (torch.tensor([clip[key] for clip in clips]) for key in ("token", "modality", "position"))
    length = sum(len(group) for group in clips[0]["groups"])
    result = torch.zeros(len(clips), length, dtype=torch.int64)
    for step in range(len(clips[0]["groups"])):
        asked = torch.tensor([clip["groups"][step] for clip in clips])
        target = torch.zeros_like(asked)
        batch = side("enc", token, modality, position) | side("dec", target, target, asked)
        drawn = model.logits(batch)[..., :vocabulary].argmax(dim=-1)
        result.scatter_(1, asked, drawn)
        token, modality = torch.cat([token, drawn], dim=1), torch.cat([modality, target], dim=1)
        position = torch.cat([position, asked], dim=1)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["make", "time"])
    parser.add_argument("weights")
    parser.add_argument("plan", nargs="?")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    if options.task == "make":
        return make(options.weights)
    if not options.plan:
        parser.error("time needs the PLAN that trainer bench --generate wrote")
    with open(options.plan) as file:
        clips = json.load(file)
    model, vocabulary = load(options.weights)
    times = []
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16):
        tokens = generate(model, vocabulary, clips)
        while sum(times) < options.seconds:
            start = time.perf_counter()
            generate(model, vocabulary, clips)
            times.append(time.perf_counter() - start)
    ours = torch.tensor([clip["generated"] for clip in clips])
    print(json.dumps({
        "clips": len(clips), "bf16": options.bf16, "threads": torch.get_num_threads(), "torch": torch.__version__,
        "tokens_per_second": len(times) * ours.numel() / sum(times), "equal_tokens": int((tokens == ours).sum()),
        "tokens": ours.numel(), "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
