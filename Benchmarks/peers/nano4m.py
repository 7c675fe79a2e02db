"""nano4M in plain PyTorch, padded as the reference computes it: the peer that our trainer is measured beside.

Parameter names are the reference's, so its checkpoints load. Options that the reference lacks are off by default. `check_golden.py` holds this file to the reference's numbers.
"""

import torch
import torch.nn.functional as F
from torch import nn


def sincos(length, dim):
    half = dim // 2
    omega = 1.0 / 10000 ** (torch.arange(half, dtype=torch.float32) / half)
    angle = torch.arange(length, dtype=torch.float32)[:, None] * omega
    return torch.cat([angle.sin(), angle.cos()], dim=1)


class Norm(nn.Module):
    def __init__(self, dim, bias=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        if bias:
            self.bias = nn.Parameter(torch.zeros(dim))
        else:
            self.register_buffer("bias", torch.zeros(dim))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, 1e-6)


def rotate(x, positions):
    """Rotary positions: pairs (i, i + half) of each head's vector turn by position / 10000^(i / half)."""
    half = x.shape[-1] // 2
    omega = 1.0 / 10000 ** (torch.arange(half, dtype=torch.float32) / half)
    angle = (positions[..., None].float() * omega)[:, None]
    low, high = x.chunk(2, dim=-1)
    return torch.cat([low * angle.cos() - high * angle.sin(), high * angle.cos() + low * angle.sin()], dim=-1)


def linear(inputs, outputs, bias=False):
    return nn.Linear(inputs, outputs, bias=bias)


def attend(q, k, v, mask):
    """[batch, heads, tokens, head_dim]; `mask` [batch, keys] is true where a key counts."""
    scores = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    scores = scores.masked_fill(~mask[:, None, None, :], -torch.finfo(scores.dtype).max)
    mixed = scores.softmax(dim=-1) @ v
    return mixed.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    def __init__(self, dim, head_dim, bias=False, rope=False):
        super().__init__()
        self.head_dim, self.rope = head_dim, rope
        self.qkv = linear(dim, 3 * dim, bias)
        self.attn_out_proj = linear(dim, dim, bias)

    def forward(self, x, mask, positions):
        # Cut in heads first, then in the three.
        q, k, v = self.qkv(x).unflatten(-1, (-1, 3 * self.head_dim)).transpose(1, 2).chunk(3, dim=-1)
        if self.rope:
            q, k = rotate(q, positions), rotate(k, positions)
        return self.attn_out_proj(attend(q, k, v, mask))


class CrossAttention(nn.Module):
    def __init__(self, dim, head_dim, bias=False):
        super().__init__()
        self.head_dim = head_dim
        self.q = linear(dim, dim, bias)
        self.kv = linear(dim, 2 * dim, bias)
        self.attn_out_proj = linear(dim, dim, bias)

    def forward(self, x, context, mask):
        # Cut in keys and values first, then in heads.
        q, k, v = (
            part.unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for part in (self.q(x), *self.kv(context).chunk(2, dim=-1))
        )
        return self.attn_out_proj(attend(q, k, v, mask))


class GatedSiLU(nn.Module):
    def forward(self, x):
        gate, value = x.chunk(2, dim=-1)
        return F.silu(gate) * value


class Mlp(nn.Module):
    """`gelu` as the reference's; `swiglu` with two thirds of the hidden units, rounded up to a multiple of 8."""

    def __init__(self, dim, ratio, bias=False, kind="gelu"):
        super().__init__()
        if kind == "gelu":
            hidden = expanded = int(ratio * dim)
        else:
            hidden = (int(ratio * dim * 2 / 3) + 7) // 8 * 8
            expanded = 2 * hidden
        activation = nn.GELU() if kind == "gelu" else GatedSiLU()
        self.ff = nn.Sequential(linear(dim, expanded, bias), activation, linear(hidden, dim, bias))

    def forward(self, x):
        return self.ff(x)


class EncoderBlock(nn.Module):
    def __init__(self, dim, head_dim, ratio, bias=False, mlp="gelu", rope=False):
        super().__init__()
        self.norm1, self.norm2 = Norm(dim, bias), Norm(dim, bias)
        self.attn = SelfAttention(dim, head_dim, bias, rope)
        self.mlp = Mlp(dim, ratio, bias, mlp)

    def forward(self, x, mask, positions):
        x = x + self.attn(self.norm1(x), mask, positions)
        return x + self.mlp(self.norm2(x))


class DecoderBlock(nn.Module):
    def __init__(self, dim, head_dim, ratio, bias=False, mlp="gelu", rope=False):
        super().__init__()
        self.norm1, self.query_norm, self.context_norm, self.norm2 = (Norm(dim, bias) for _ in range(4))
        self.self_attn = SelfAttention(dim, head_dim, bias, rope)
        self.cross_attn = CrossAttention(dim, head_dim, bias)
        self.mlp = Mlp(dim, ratio, bias, mlp)

    def forward(self, x, context, mask, context_mask, positions):
        x = x + self.self_attn(self.norm1(x), mask, positions)
        x = x + self.cross_attn(self.query_norm(x), self.context_norm(context), context_mask)
        return x + self.mlp(self.norm2(x))


class Blocks(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)


class Nano4M(nn.Module):
    """A padded batch is a dict of `enc_`/`dec_` + `tokens`, `modalities`, `positions` and `pad_mask` (true: real).

    With `overlap_vocab` or `overlap_posembs` false, a batch's ids are shifted: each modality has ids of its own.
    """

    def __init__(
        self, modalities, vocab_sizes, max_seq_lens, dim, enc_depth, dec_depth, head_dim, mlp_ratio=4.0,
        use_bias=False, per_modality_loss_avg=True, overlap_vocab=True, overlap_posembs=True, mlp="gelu", rope=False,
        z_loss=0.0,
    ):
        super().__init__()
        vocabulary = max(vocab_sizes) if overlap_vocab else sum(vocab_sizes)
        positions = max(max_seq_lens) if overlap_posembs else sum(max_seq_lens)
        block = (dim, head_dim, mlp_ratio, use_bias, mlp, rope)
        self.z_loss = z_loss
        self.modalities = modalities
        self.per_modality_loss_avg = per_modality_loss_avg
        self.enc_tok_emb = nn.Embedding(vocabulary, dim)
        self.enc_mod_emb = nn.Embedding(len(modalities), dim)
        self.dec_mod_emb = nn.Embedding(len(modalities), dim)
        self.register_buffer("pos_emb", sincos(positions, dim))
        self.encoder = Blocks(EncoderBlock(*block) for _ in range(enc_depth))
        self.enc_norm = Norm(dim, use_bias)
        self.dec_context_proj = linear(dim, dim, use_bias)
        self.decoder = Blocks(DecoderBlock(*block) for _ in range(dec_depth))
        self.dec_norm = Norm(dim, use_bias)
        self.to_logits = linear(dim, vocabulary)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(self.to_logits.weight)

    def encode(self, batch):
        positions = self.pos_emb[batch["enc_positions"]]
        x = self.enc_tok_emb(batch["enc_tokens"]) + self.enc_mod_emb(batch["enc_modalities"]) + positions
        for block in self.encoder.blocks:
            x = block(x, batch["enc_pad_mask"], batch["enc_positions"])
        return self.dec_context_proj(self.enc_norm(x)) + positions

    def decode(self, batch, context):
        x = self.dec_mod_emb(batch["dec_modalities"]) + self.pos_emb[batch["dec_positions"]]
        for block in self.decoder.blocks:
            x = block(x, context, batch["dec_pad_mask"], batch["enc_pad_mask"], batch["dec_positions"])
        return self.to_logits(self.dec_norm(x))

    def logits(self, batch):
        return self.decode(batch, self.encode(batch))

    def loss(self, logits, batch):
        """The loss trained on, and each modality's mean (0 without targets)."""
        targets = batch["dec_tokens"].masked_fill(~batch["dec_pad_mask"], -100)
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="none")
        real, modality = batch["dec_pad_mask"].flatten(), batch["dec_modalities"].flatten()
        means = {}
        for index, name in enumerate(self.modalities):
            chosen = losses[real & (modality == index)]
            means[name] = chosen.mean() if chosen.numel() else losses.new_zeros(())
        total = self.average(losses, real, modality)
        if self.z_loss:
            total = total + self.z_loss * self.average(logits.flatten(0, 1).logsumexp(dim=-1) ** 2, real, modality)
        return total, means

    def average(self, values, real, modality):
        """As the loss is averaged: over target tokens, or over modalities' means."""
        if not self.per_modality_loss_avg:
            return values[real].mean()
        chosen = (values[real & (modality == index)] for index in range(len(self.modalities)))
        return torch.stack([part.mean() if part.numel() else values.new_zeros(()) for part in chosen]).mean()

    def forward(self, batch):
        return self.loss(self.logits(batch), batch)


class Muon(torch.optim.Optimizer):
    """Muon after K. Jordan, in float32; `ratio` times the learning rate that AdamW has."""

    def __init__(self, params, lr, momentum=0.95, ratio=1.0, weight_decay=0.05):
        super().__init__(params, {"lr": lr, "momentum": momentum, "ratio": ratio, "weight_decay": weight_decay})

    @staticmethod
    def orthogonal(matrix):
        a, b, c = 3.4445, -4.7750, 2.0315
        x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
        x = x / (x.norm() + 1e-7)
        for _ in range(5):
            gram = x @ x.T
            x = a * x + (b * gram + c * gram @ gram) @ x
        return x.T if matrix.shape[0] > matrix.shape[1] else x

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            rate, momentum = group["lr"] * group["ratio"], group["momentum"]
            for p in group["params"]:
                average = self.state[p].setdefault("momentum", torch.zeros_like(p))
                average.lerp_(p.grad, 1 - momentum)
                update = self.orthogonal(p.grad.lerp(average, momentum))
                p.mul_(1 - rate * group["weight_decay"])
                p.add_(update, alpha=-rate * max(1, p.shape[0] / p.shape[1]) ** 0.5)


class Both(list):
    """Several optimizers as one."""

    @property
    def param_groups(self):
        return [group for one in self for group in one.param_groups]

    def step(self):
        for one in self:
            one.step()

    def zero_grad(self, set_to_none=True):
        for one in self:
            one.zero_grad(set_to_none=set_to_none)


def is_hidden(name, parameter):
    return parameter.ndim == 2 and (".blocks." in name or name == "dec_context_proj.weight")


def optimizer(model, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.05, muon_rate_ratio=None, muon_momentum=0.95):
    """AdamW; norms do not decay. With `muon_rate_ratio`, Muon for the matrices within the network."""
    named = list(model.named_parameters())
    hidden = [p for n, p in named if muon_rate_ratio and is_hidden(n, p)]
    named = [(n, p) for n, p in named if not (muon_rate_ratio and is_hidden(n, p))]
    spared = [p for n, p in named if "norm." in n or ".norm" in n]
    decayed = [p for n, p in named if not ("norm." in n or ".norm" in n)]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    adamw = torch.optim.AdamW(groups, lr=lr, betas=betas, eps=eps)
    if not muon_rate_ratio:
        return adamw
    return Both([adamw, Muon(hidden, lr, muon_momentum, muon_rate_ratio, weight_decay)])


def train_step(model, adamw, batch, clip=1.0, autocast=None):
    """One step of the reference's loop; returns the loss, the modalities' losses and the gradient norm."""
    with torch.autocast("cpu", dtype=autocast, enabled=autocast is not None):
        loss, means = model(batch)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    adamw.step()
    adamw.zero_grad(set_to_none=True)
    return loss, means, norm
