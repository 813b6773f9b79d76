"""Exercise 5: several layers on top of each other, with PyTorch's `nn.LSTM` and by hand.

B is the batch, T the number of time steps, I the input size, H the hidden size, L the number of layers. The
batch comes first: x is (B, T, I). `StackedLSTM` uses `nn.LSTM`; in `LSTMStack` you write the layers and the
loop over time yourself, and may use `nn.LSTMCell` or `torch.lstm_cell` for the single step.
"""

import math

import torch
from torch import Tensor, nn


class StackedLSTM(nn.Module):
    """Two submodules: `lstm`, a batch-first `nn.LSTM` of several layers, and `fc`, an `nn.Linear` on top."""

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, num_layers: int = 2, dropout: float = 0.0
    ) -> None:
        """Make the two submodules.

        Args:
            input_size: I.
            hidden_size: H, the same in every layer.
            output_size: how many numbers `fc` gives for each sequence.
            num_layers: L; all layers are in the one submodule `lstm`.
            dropout: `nn.LSTM`'s own argument: the share of numbers between two layers that training drops.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x: Tensor) -> Tensor:
        """`fc` of what the last layer gives at the last time step.

        Args:
            x: (B, T, I).

        Returns:
            (B, output_size): for `StackedLSTM(3, 5, 2)` and x of shape (4, 6, 3) the shape is (4, 2).
        """
        # YOUR CODE HERE
        raise NotImplementedError()


class LSTMStack(nn.Module):
    """The layers of an `nn.LSTM`, by hand: each layer's outputs are the inputs of the layer above it.

    Layer k, counted from 0, has the parameters `weight_ih_l{k}`, `weight_hh_l{k}` (4H, H), `bias_ih_l{k}` and
    `bias_hh_l{k}` (4H,). `weight_ih_l0` is (4H, I); in every further layer weight_ih is (4H, H). The names
    and the order of the gates are those of `nn.LSTM`, so that a `state_dict` of either loads into the other.
    """

    def __init__(self, input_size: int, hidden_size: int, num_layers: int) -> None:
        """Make four parameters for each layer, with initial values uniform in ±1/√H as in `nn.LSTM`.

        `register_parameter(name, parameter)` adds a parameter whose name is made in a loop.
        `LSTMStack(3, 5, 2)` has 200 numbers to learn in its first layer, 240 in its second.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run all layers over all time steps.

        Args:
            x: (B, T, I).
            state: (h, c) to start from, each (L, B, H), one part for each layer; None means zeros.

        Returns:
            (output, (h_n, c_n)): `output` (B, T, H) holds the top layer's h after every step; h_n and c_n
            (L, B, H) hold each layer's h and c after the last step, so that h_n[-1] is output[:, -1].
        """
        # YOUR CODE HERE
        raise NotImplementedError()
