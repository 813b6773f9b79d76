"""Exercise 1: the gates of an LSTM.

B is the batch, I the input size, H the hidden size. Write each function for whole batches, with tensor operations and
without PyTorch's ready-made recurrent layers. Do not change the tensors that you are given.
"""

import torch
from torch import Tensor


def forget_gate(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> Tensor:
    """How much of each cell unit is kept: σ(x·weight_ihᵀ + h·weight_hhᵀ + bias).

    Args:
        x: this step's input, (B, I).
        h: the hidden state of the step before, (B, H).
        weight_ih: weights of the input, (H, I).
        weight_hh: weights of the hidden state, (H, H).
        bias: (H,).

    Returns:
        The gate, (B, H), each value in 0…1. With all weights and biases zero every value is 0.5.
    """
    ### BEGIN SOLUTION
    return torch.sigmoid(x @ weight_ih.T + h @ weight_hh.T + bias)
    ### END SOLUTION


def input_gate(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> Tensor:
    """How much of the candidate is written: the same formula as the forget gate, with weights of its own.

    Arguments and result have the shapes of `forget_gate`.
    """
    ### BEGIN SOLUTION
    return torch.sigmoid(x @ weight_ih.T + h @ weight_hh.T + bias)
    ### END SOLUTION


def output_gate(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> Tensor:
    """How much of the cell state is shown: the same formula again, with weights of its own.

    Arguments and result have the shapes of `forget_gate`.
    """
    ### BEGIN SOLUTION
    return torch.sigmoid(x @ weight_ih.T + h @ weight_hh.T + bias)
    ### END SOLUTION


def candidate(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor) -> Tensor:
    """What could be written into the cell: tanh(x·weight_ihᵀ + h·weight_hhᵀ + bias).

    Arguments and result have the shapes of `forget_gate`; the values lie in -1…1. With all weights zero and a bias of
    100 every value is 1.
    """
    ### BEGIN SOLUTION
    return torch.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)
    ### END SOLUTION


def update_cell(forget: Tensor, input: Tensor, candidate: Tensor, cell: Tensor) -> Tensor:
    """The new cell state: forget ∘ cell + input ∘ candidate, element by element.

    All arguments and the result have the shape (B, H). A forget gate of 1 and an input gate of 0 keep the cell as it is.
    For one unit with forget 0.5, input 1, candidate 0.25 and cell 2 the new cell state is 0.5·2 + 1·0.25 = 1.25.
    """
    ### BEGIN SOLUTION
    return forget * cell + input * candidate
    ### END SOLUTION


def expose_hidden(output: Tensor, cell: Tensor) -> Tensor:
    """The hidden state that the cell shows: output ∘ tanh(cell), element by element.

    Both arguments and the result have the shape (B, H). A cell state of 0 shows 0, whatever the gate.
    """
    ### BEGIN SOLUTION
    return output * torch.tanh(cell)
    ### END SOLUTION
