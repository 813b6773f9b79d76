import math

import torch


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)


def rnn_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x, *weights = (t.detach() for t in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    with torch.enable_grad():
        h = torch.zeros(x.shape[0], weights[1].shape[1], dtype=x.dtype, requires_grad=True)
        states = []
        for t in range(x.shape[1]):
            h = rnn_step(x[:, t], h, *weights)
            states.append(h)
        grads = torch.autograd.grad(h.sum(), states)
    return torch.stack([g.norm() for g in grads])


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x, w, u, a, b = (t.detach() for t in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    with torch.enable_grad():
        h = torch.zeros(x.shape[0], u.shape[1], dtype=x.dtype)
        c = torch.zeros_like(h, requires_grad=True)
        states = []
        for t in range(x.shape[1]):
            i, f, g, o = (x[:, t] @ w.T + a + h @ u.T + b).chunk(4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            states.append(c)
        grads = torch.autograd.grad(c.sum(), states)
    return torch.stack([g.norm() for g in grads])


def forget_bias_for(half_life):
    if half_life <= 0:
        raise ValueError("half_life must be positive")
    f = 0.5 ** (1 / half_life)
    return math.log1p(-f) - math.log(f)
