"""Models that a suite puts in the place of a student's own: for functions that must work with any model.

They run beside student code and hold nothing of any answer; anybody may read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    Ask = Callable[[tuple[Any, ...], Mapping[str, Any], bool], Tensor]


class Lent(nn.Module):
    """A model of the suite's: whoever calls it is answered by the other side.

    It has one parameter, a number that is added to each answer, so that it can be trained.
    """

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self._ask = ask
        self.bias = nn.Parameter(torch.zeros((), dtype=torch.float64))

    def forward(self, *args: Any, **named: Any) -> Tensor:
        """What the other side answers, and the bias."""
        return self._ask(args, named, self.training) + self.bias


class MeanOfEmbeddings(nn.Module):
    """A bag of words: `forward(tokens (B, T), lengths (B,)) -> (B,)` logits from the mean over the valid steps."""

    def __init__(self, vocab_size: int, embed_dim: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.fc = nn.Linear(embed_dim, 1)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Logits; padding past a length does not count."""
        valid = (torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
        vectors = self.embedding(tokens)
        mean = (vectors * valid).sum(dim=1) / lengths.unsqueeze(1).to(vectors.dtype)
        logits: Tensor = self.fc(mean).squeeze(1)
        return logits
