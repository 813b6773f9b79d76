"""Exercise 2: one step of an LSTM cell, as `nn.LSTMCell` computes it.

B is the batch, I the input size, H the hidden size. The four gates share one matrix: rows 0…H of a weight or bias belong
to the input gate i, then come the forget gate f, the candidate g and the output gate o. Write it without PyTorch's
ready-made recurrent layers, and do not change the tensors that you are given.
"""

import math

import torch
from torch import Tensor, nn


def lstm_step(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """One step from the state (h, c) to the next.

    i, f, g, o are the four parts of x·weight_ihᵀ + bias_ih + h·weight_hhᵀ + bias_hh; then
    c' = σ(f) ∘ c + σ(i) ∘ tanh(g) and h' = σ(o) ∘ tanh(c').

    Args:
        x: this step's input, (B, I).
        state: hidden state and cell state of the step before, each (B, H).
        weight_ih: (4H, I).
        weight_hh: (4H, H).
        bias_ih: (4H,).
        bias_hh: (4H,).

    Returns:
        (h', c'), each (B, H). With all weights and biases zero and c = 2 everywhere, c' is 0.5·2 + 0.5·0 = 1 and
        h' is 0.5·tanh(1), about 0.381.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


class LSTMCell(nn.Module):
    """A cell with parameters `weight_ih` (4H, I), `weight_hh` (4H, H), `bias_ih` (4H,) and `bias_hh` (4H,).

    They are named and ordered as in `nn.LSTMCell`, so that a `state_dict` of either loads into the other.
    """

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        """Make the parameters: uniform in ±1/√H, but the forget part of bias_ih + bias_hh is `forget_bias`.

        For `LSTMCell(3, 5)` the weights lie in ±0.447, and (bias_ih + bias_hh)[5:10] is 1 in every place.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """One step.

        Args:
            x: (B, I).
            state: (h, c), each (B, H); None means zeros of x's dtype and device.

        Returns:
            (h', c'), each (B, H).
        """
        # YOUR CODE HERE
        raise NotImplementedError()
