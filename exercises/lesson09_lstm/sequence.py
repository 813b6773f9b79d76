"""Exercise 3: an LSTM over whole sequences, as a one-layer `nn.LSTM` computes it.

B is the batch, T the number of time steps, I the input size, H the hidden size. The batch comes first: x is
(B, T, I). Write it without PyTorch's ready-made recurrent layers, and do not change the tensors that you are
given.
"""

import math

import torch
from torch import Tensor, nn


class LSTMLayer(nn.Module):
    """An LSTM layer with PyTorch's parameters.

    `weight_ih_l0` is (4H, I), `weight_hh_l0` (4H, H), `bias_ih_l0` and `bias_hh_l0` are (4H,). They are named
    and ordered as in `nn.LSTM` (rows of the gates: i, f, g, o), so that a `state_dict` of either loads into
    the other.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        """Make the parameters, with initial values uniform in ±1/√H as in `nn.LSTM`.

        `LSTMLayer(3, 5)` has 20·3 + 20·5 + 20 + 20 = 200 numbers to learn.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run over all time steps, each from the state that the step before has left.

        Sequences of different lengths share one tensor: sequence b has `lengths[b]` valid steps, then comes
        padding, which holds any finite numbers and must have no influence.

        Args:
            x: (B, T, I).
            state: (h, c) to start from, each (1, B, H); None means zeros of x's dtype and device.
            lengths: int64, (B,), each in 1 … T, in any order, the longest may be shorter than T; None means
                that all T steps are valid.

        Returns:
            (output, (h_n, c_n)). `output` (B, T, H) is the hidden state h after each step, and zero in the
            padding; h_n and c_n (1, B, H) are h and c after each sequence's last valid step. With T = 4 and
            lengths [2, 4], output[0, 2:] is zero, h_n[0, 0] is output[0, 1] and h_n[0, 1] is output[1, 3].
        """
        # YOUR CODE HERE
        raise NotImplementedError()


def last_output(output: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence's output at its last valid step.

    Args:
        output: (B, T, H); what stands past a sequence's length must have no influence.
        lengths: int64, (B,), each in 1 … T.

    Returns:
        (B, H). For the outputs [[[1], [2], [3]], [[4], [5], [6]]] and the lengths [3, 1] it is [[3], [4]].
    """
    # YOUR CODE HERE
    raise NotImplementedError()
