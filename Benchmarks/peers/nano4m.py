"""nano4M in plain PyTorch, padded as the reference computes it: the peer that our trainer is measured beside.

Parameter names are the reference's, so its checkpoints load. `check_golden.py` holds this file to the reference's numbers.
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
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.register_buffer("bias", torch.zeros(dim))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.weight, self.bias, 1e-6)


def linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


def attend(q, k, v, mask):
    """[batch, heads, tokens, head_dim]; `mask` [batch, keys] is true where a key counts."""
    scores = (q @ k.transpose(-2, -1)) * q.shape[-1] ** -0.5
    scores = scores.masked_fill(~mask[:, None, None, :], -torch.finfo(scores.dtype).max)
    mixed = scores.softmax(dim=-1) @ v
    return mixed.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    def __init__(self, dim, head_dim):
        super().__init__()
        self.head_dim = head_dim
        self.qkv = linear(dim, 3 * dim)
        self.attn_out_proj = linear(dim, dim)

    def forward(self, x, mask):
        # Cut in heads first, then in the three.
        q, k, v = self.qkv(x).unflatten(-1, (-1, 3 * self.head_dim)).transpose(1, 2).chunk(3, dim=-1)
        return self.attn_out_proj(attend(q, k, v, mask))


class CrossAttention(nn.Module):
    def __init__(self, dim, head_dim):
        super().__init__()
        self.head_dim = head_dim
        self.q = linear(dim, dim)
        self.kv = linear(dim, 2 * dim)
        self.attn_out_proj = linear(dim, dim)

    def forward(self, x, context, mask):
        # Cut in keys and values first, then in heads.
        q, k, v = (
            part.unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
            for part in (self.q(x), *self.kv(context).chunk(2, dim=-1))
        )
        return self.attn_out_proj(attend(q, k, v, mask))


class Mlp(nn.Module):
    def __init__(self, dim, ratio):
        super().__init__()
        hidden = int(ratio * dim)
        self.ff = nn.Sequential(linear(dim, hidden), nn.GELU(), linear(hidden, dim))

    def forward(self, x):
        return self.ff(x)


class EncoderBlock(nn.Module):
    def __init__(self, dim, head_dim, ratio):
        super().__init__()
        self.norm1, self.norm2 = Norm(dim), Norm(dim)
        self.attn = SelfAttention(dim, head_dim)
        self.mlp = Mlp(dim, ratio)

    def forward(self, x, mask):
        x = x + self.attn(self.norm1(x), mask)
        return x + self.mlp(self.norm2(x))


class DecoderBlock(nn.Module):
    def __init__(self, dim, head_dim, ratio):
        super().__init__()
        self.norm1, self.query_norm, self.context_norm, self.norm2 = (Norm(dim) for _ in range(4))
        self.self_attn = SelfAttention(dim, head_dim)
        self.cross_attn = CrossAttention(dim, head_dim)
        self.mlp = Mlp(dim, ratio)

    def forward(self, x, context, mask, context_mask):
        x = x + self.self_attn(self.norm1(x), mask)
        x = x + self.cross_attn(self.query_norm(x), self.context_norm(context), context_mask)
        return x + self.mlp(self.norm2(x))


class Blocks(nn.Module):
    def __init__(self, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)


class Nano4M(nn.Module):
    """A padded batch is a dict of `enc_`/`dec_` + `tokens`, `modalities`, `positions` and `pad_mask` (true: real)."""

    def __init__(
        self, modalities, vocab_sizes, max_seq_lens, dim, enc_depth, dec_depth, head_dim, mlp_ratio=4.0,
        use_bias=False, per_modality_loss_avg=True,
    ):
        super().__init__()
        if use_bias:
            raise ValueError("biases are not implemented")
        self.modalities = modalities
        self.per_modality_loss_avg = per_modality_loss_avg
        self.enc_tok_emb = nn.Embedding(max(vocab_sizes), dim)
        self.enc_mod_emb = nn.Embedding(len(modalities), dim)
        self.dec_mod_emb = nn.Embedding(len(modalities), dim)
        self.register_buffer("pos_emb", sincos(max(max_seq_lens), dim))
        self.encoder = Blocks(EncoderBlock(dim, head_dim, mlp_ratio) for _ in range(enc_depth))
        self.enc_norm = Norm(dim)
        self.dec_context_proj = linear(dim, dim)
        self.decoder = Blocks(DecoderBlock(dim, head_dim, mlp_ratio) for _ in range(dec_depth))
        self.dec_norm = Norm(dim)
        self.to_logits = linear(dim, max(vocab_sizes))
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(self.to_logits.weight)

    def encode(self, batch):
        positions = self.pos_emb[batch["enc_positions"]]
        x = self.enc_tok_emb(batch["enc_tokens"]) + self.enc_mod_emb(batch["enc_modalities"]) + positions
        for block in self.encoder.blocks:
            x = block(x, batch["enc_pad_mask"])
        return self.dec_context_proj(self.enc_norm(x)) + positions

    def decode(self, batch, context):
        x = self.dec_mod_emb(batch["dec_modalities"]) + self.pos_emb[batch["dec_positions"]]
        for block in self.decoder.blocks:
            x = block(x, context, batch["dec_pad_mask"], batch["enc_pad_mask"])
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
        total = torch.stack(list(means.values())).mean() if self.per_modality_loss_avg else losses[real].mean()
        return total, means

    def forward(self, batch):
        return self.loss(self.logits(batch), batch)


def optimizer(model, lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.05):
    """AdamW; norms do not decay."""
    named = list(model.named_parameters())
    spared = [p for n, p in named if "norm." in n or ".norm" in n]
    decayed = [p for n, p in named if not ("norm." in n or ".norm" in n)]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": spared, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr, betas=betas, eps=eps)


def train_step(model, adamw, batch, clip=1.0, autocast=None):
    """One step of the reference's loop; returns the loss, the modalities' losses and the gradient norm."""
    with torch.autocast("cpu", dtype=autocast, enabled=autocast is not None):
        loss, means = model(batch)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(model.parameters(), clip)
    adamw.step()
    adamw.zero_grad(set_to_none=True)
    return loss, means, norm
