"""Inputs drawn anew for every submission from a recorded seed: the same for the same work, unknown to its author."""

from __future__ import annotations

import hashlib
import random

import torch


def derive_seed(*parts: str | bytes) -> int:
    """A seed in 0 … 2⁶³ - 1 from any texts; another text anywhere gives an unrelated seed."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return int.from_bytes(digest.digest(), "big") >> 1


def generators_seed(seed: int) -> int:
    """What the global generators start from where a student's code runs: it tells nothing of what `Draw(seed)` draws."""
    return derive_seed("global generators", str(seed))


class Draw:
    """One test's source of random inputs. Two with the same seed draw the same."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.generator = torch.Generator().manual_seed(seed)
        self._random = random.Random(seed)  # noqa: S311 - inputs, no secrets

    def sizes(self, count: int, low: int = 2, high: int = 7) -> tuple[int, ...]:
        """Different sizes in low … high, none of them four times another: a transposed or mixed-up shape shows."""
        while True:
            chosen = self._random.sample(range(low, high + 1), count)
            if not any(a == 4 * b for a in chosen for b in chosen):
                return tuple(chosen)

    def normal(
        self, *shape: int, dtype: torch.dtype = torch.float64, requires_grad: bool = False, scale: float = 1.0
    ) -> torch.Tensor:
        """Standard normal numbers times `scale`."""
        values = torch.randn(*shape, generator=self.generator, dtype=torch.float64)
        if scale != 1.0:
            values *= scale
        return values.to(dtype).requires_grad_(requires_grad)

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float64,
        requires_grad: bool = False,
    ) -> torch.Tensor:  # fmt: skip
        """Numbers uniform in low … high."""
        values = torch.rand(*shape, generator=self.generator, dtype=torch.float64) * (high - low) + low
        return values.to(dtype).requires_grad_(requires_grad)

    def integers(self, *shape: int, low: int = 0, high: int = 10) -> torch.Tensor:
        """int64 numbers in low … high - 1."""
        return torch.randint(low, high, shape, generator=self.generator)

    def integer(self, low: int, high: int) -> int:
        """One whole number in low … high, both included."""
        return self._random.randint(low, high)

    def number(self, low: float, high: float) -> float:
        """One number in low … high."""
        return self._random.uniform(low, high)

    def choice(self, options: list[str]) -> str:
        """One of the options."""
        return self._random.choice(options)

    def shuffled(self, items: list[str]) -> list[str]:
        """A new list of the same items in another order."""
        return self._random.sample(items, len(items))
