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
        ### BEGIN SOLUTION
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=dropout)
        self.fc = nn.Linear(hidden_size, output_size)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """`fc` of what the last layer gives at the last time step.

        Args:
            x: (B, T, I).

        Returns:
            (B, output_size): for `StackedLSTM(3, 5, 2)` and x of shape (4, 6, 3) the shape is (4, 2).
        """
        ### BEGIN SOLUTION
        output, _ = self.lstm(x)
        return self.fc(output[:, -1])
        ### END SOLUTION


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
        ### BEGIN SOLUTION
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        bound = 1 / math.sqrt(hidden_size)
        for k in range(num_layers):
            below = input_size if k == 0 else hidden_size
            shapes = {
                "weight_ih": (4 * hidden_size, below),
                "weight_hh": (4 * hidden_size, hidden_size),
                "bias_ih": (4 * hidden_size,),
                "bias_hh": (4 * hidden_size,),
            }
            for name, shape in shapes.items():
                start = torch.empty(shape).uniform_(-bound, bound)
                self.register_parameter(f"{name}_l{k}", nn.Parameter(start))
        ### END SOLUTION

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Run all layers over all time steps.

        Args:
            x: (B, T, I).
            state: (h, c) to start from, each (L, B, H), one part for each layer; None means zeros.

        Returns:
            (output, (h_n, c_n)): `output` (B, T, H) holds the top layer's h after every step; h_n and c_n
            (L, B, H) hold each layer's h and c after the last step, so that h_n[-1] is output[:, -1].
        """
        ### BEGIN SOLUTION
        if state is None:
            zeros = x.new_zeros(self.num_layers, x.shape[0], self.hidden_size)
            state = (zeros, zeros)
        inputs, last_h, last_c = x, [], []
        for k in range(self.num_layers):
            names = (f"weight_ih_l{k}", f"weight_hh_l{k}", f"bias_ih_l{k}", f"bias_hh_l{k}")
            weights = [getattr(self, name) for name in names]
            h, c = state[0][k], state[1][k]
            outputs = []
            for t in range(x.shape[1]):
                h, c = torch.lstm_cell(inputs[:, t], (h, c), *weights)
                outputs.append(h)
            inputs = torch.stack(outputs, dim=1)
            last_h.append(h)
            last_c.append(c)
        return inputs, (torch.stack(last_h), torch.stack(last_c))
        ### END SOLUTION
