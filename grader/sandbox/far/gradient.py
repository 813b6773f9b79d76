"""Vector-Jacobian products by autograd's engine itself, on both sides of the wall.

`torch.autograd.grad` imports sympy and some hundred modules more to compare the shape of a gradient with that of its
output: 0.4 s in every process that uses it first. The callers here have compared the shapes already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.autograd.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch


def vector_jacobian(
    outputs: Sequence[torch.Tensor], directions: Sequence[torch.Tensor], inputs: Sequence[torch.Tensor]
) -> tuple[torch.Tensor | None, ...]:
    """Gradients of Σ outputs·directions for each input; None where no path leads to it. Graphs are kept."""
    if not outputs or not inputs:
        return (None,) * len(inputs)
    engine = Variable._execution_engine
    result: tuple[torch.Tensor | None, ...] = engine.run_backward(
        tuple(outputs),
        tuple(directions),
        True,
        False,
        tuple(inputs),
        allow_unreachable=True,
        accumulate_grad=False,
    )
    return result
