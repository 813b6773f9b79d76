"""Models that a suite puts in the place of a student's own: for functions that must work with any model.

They run beside student code and hold nothing of any answer; anybody may read them.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor


class Recorder(nn.Module):
    """Wraps a model and notes every call: `calls` is a list of dicts.

    Each has `args` (copies of the tensors, in the order of the model's own parameters, also where they were given by
    name), `training` (the mode of the model at the call) and `grad` (whether gradients were on).
    """

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner
        self.calls: list[dict[str, Any]] = []

    def forward(self, *args: Tensor, **named: Tensor) -> Any:
        """Note the call and pass it on."""
        if named:
            args = inspect.signature(self.inner.forward).bind(*args, **named).args
        copies = tuple(arg.detach().clone() if isinstance(arg, torch.Tensor) else arg for arg in args)
        self.calls.append({"args": copies, "training": self.training, "grad": torch.is_grad_enabled()})
        return self.inner(*args)


class MeanOfEmbeddings(nn.Module):
    """A bag of words: `forward(tokens (B, T), lengths (B,)) -> (B,)` logits from the mean over the valid steps."""

    def __init__(self, vocab_size: int, embed_dim: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(embed_dim, 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Logits; padding past a length does not count."""
        valid = (torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
        vectors = self.embedding(tokens)
        mean = (vectors * valid).sum(dim=1) / lengths.unsqueeze(1).to(vectors.dtype)
        logits: Tensor = self.fc(self.dropout(mean)).squeeze(1)
        return logits
