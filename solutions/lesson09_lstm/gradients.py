"""Exercise 6: vanishing gradients, measured.

How much does the state at step t still matter for the state at the last step T? The gradient says it: its norm, one
number for each step, is what a network has left to learn from. B is the batch, T the number of steps, I the input
size, H the hidden size. Write it without PyTorch's ready-made recurrent layers, and do not change the tensors that you
are given.
"""

import math

import torch
from torch import Tensor


def rnn_step(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Tensor:
    """One step of a plain recurrent network: tanh(x·weight_ihᵀ + bias_ih + h·weight_hhᵀ + bias_hh).

    Args:
        x: this step's input, (B, I).
        h: the hidden state of the step before, (B, H).
        weight_ih: (H, I).
        weight_hh: (H, H).
        bias_ih: (H,).
        bias_hh: (H,).

    Returns:
        The new hidden state, (B, H). With all weights zero and both biases 0.5 every value is tanh(1), about 0.762.
    """
    ### BEGIN SOLUTION
    return torch.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)
    ### END SOLUTION


def rnn_gradient_norms(x: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Tensor:
    """For each step t the norm of ∂(Σ h_T)/∂h_t: what is left, at step t, of a gradient that starts at the last step.

    h_1 … h_T are the states of the plain network of `rnn_step`, started from h_0 = 0; Σ h_T adds up all B·H numbers of
    the last one. Neither the weights nor x get a `.grad`, and it does not matter whether they require one.

    Args:
        x: the input of every step, (B, T, I).
        weight_ih: (H, I).
        weight_hh: (H, H).
        bias_ih: (H,).
        bias_hh: (H,).

    Returns:
        (T,), detached: entry 0 is for h_1, the last one for h_T. Each is the Euclidean norm over batch and units
        together, so the last is √(B·H). For one unit with weight_hh 0.5 and everything else zero, T = 3 gives
        0.25, 0.5, 1: each step back halves the gradient.
    """
    ### BEGIN SOLUTION
    x, *weights = (tensor.detach() for tensor in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    h = x.new_zeros(x.shape[0], weight_hh.shape[1]).requires_grad_()
    states = []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h, *weights)
        states.append(h)
    gradients = torch.autograd.grad(h.sum(), states)
    return torch.stack([gradient.norm() for gradient in gradients])
    ### END SOLUTION


def lstm_gradient_norms(x: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor) -> Tensor:
    """For each step t the norm of ∂(Σ c_T)/∂c_t in an LSTM, along every path from c_t to c_T.

    There are two kinds of paths: straight on through the forget gate, and by way of h_t = σ(o_t) ∘ tanh(c_t) into the
    gates of the next step. h_0 and c_0 are zero; the parts of the weights are in the order i, f, g, o. Neither the
    weights nor x get a `.grad`, and it does not matter whether they require one.

    Args:
        x: the input of every step, (B, T, I).
        weight_ih: (4H, I).
        weight_hh: (4H, H).
        bias_ih: (4H,).
        bias_hh: (4H,).

    Returns:
        (T,), detached: entry 0 is for c_1, the last one, √(B·H), for c_T. For one unit with all weights and biases
        zero every gate is half open, and T = 3 gives 0.25, 0.5, 1. A forget bias of 3 keeps more: 0.907, 0.953, 1.
    """
    ### BEGIN SOLUTION
    x, *weights = (tensor.detach() for tensor in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    h = x.new_zeros(x.shape[0], weight_hh.shape[1])
    c = torch.zeros_like(h).requires_grad_()
    cells = []
    for x_t in x.unbind(dim=1):
        i, f, g, o = (x_t @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh).chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        cells.append(c)
    gradients = torch.autograd.grad(c.sum(), cells)
    return torch.stack([gradient.norm() for gradient in gradients])
    ### END SOLUTION


def forget_bias_for(half_life: float) -> float:
    """The forget gate's bias at which a cell halves every `half_life` steps, if nothing else comes in.

    A gate f keeps f of the cell at each step, so f to the power of half_life is a half: f = 2^(-1/half_life). The bias is
    the number of which f is the sigmoid: ln(f / (1 - f)).

    Args:
        half_life: in steps, above 0.

    Returns:
        The bias: 0 for a half-life of 1 step, about 2.634 for 10 steps and 4.968 for 100.

    Raises:
        ValueError: half_life is not above 0.
    """
    ### BEGIN SOLUTION
    if not half_life > 0:
        raise ValueError(f"half_life is {half_life}; it must be above 0")
    f = 2 ** (-1 / half_life)
    return math.log(f / (1 - f))
    ### END SOLUTION
