"""retain_grad and backward on detached copies; loops over steps, norms by hand; numpy for the bias."""
import math
import torch
import numpy as np


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.nn.functional.linear(x, weight_ih, bias_ih).add(torch.nn.functional.linear(h, weight_hh, bias_hh)).tanh()


def rnn_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x = x.clone().detach()
    w = [p.clone().detach() for p in (weight_ih, weight_hh, bias_ih, bias_hh)]
    B, T, _ = x.shape
    H = w[1].shape[0]
    h = torch.zeros(B, H, dtype=x.dtype, device=x.device, requires_grad=True)
    hs = []
    for t in range(T):
        h = rnn_step(x[:, t, :], h, *w)
        h.retain_grad()
        hs.append(h)
    hs[-1].sum().backward()
    return torch.tensor([float((s.grad ** 2).sum() ** 0.5) for s in hs], dtype=x.dtype)


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x = x.clone().detach()
    w_ih, w_hh, b_ih, b_hh = [p.clone().detach() for p in (weight_ih, weight_hh, bias_ih, bias_hh)]
    B, T, _ = x.shape
    H = w_hh.shape[1]
    h = torch.zeros(B, H, dtype=x.dtype, requires_grad=True)
    c = torch.zeros(B, H, dtype=x.dtype, requires_grad=True)
    cs = []
    for t in range(T):
        z = x[:, t] @ w_ih.t() + b_ih + h @ w_hh.t() + b_hh
        i = z[:, :H].sigmoid()
        f = z[:, H:2 * H].sigmoid()
        g = z[:, 2 * H:3 * H].tanh()
        o = z[:, 3 * H:].sigmoid()
        c = f * c + i * g
        c.retain_grad()
        h = o * c.tanh()
        cs.append(c)
    c.sum().backward()
    return torch.stack([s.grad.flatten().norm(p=2) for s in cs])


def forget_bias_for(half_life):
    if half_life <= 0:
        raise ValueError("no")
    f = np.power(2.0, -1.0 / half_life)
    return float(np.log(f) - np.log1p(-f))
