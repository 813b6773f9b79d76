"""Backpropagation through time written out, with no autograd at all."""
import math
import torch


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.tanh(torch.einsum("bi,hi->bh", x, weight_ih) + torch.einsum("bk,hk->bh", h, weight_hh) + bias_ih + bias_hh)


@torch.no_grad()
def rnn_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    h = x.new_zeros(x.size(0), weight_hh.size(0))
    hs = []
    for t in range(x.size(1)):
        h = rnn_step(x[:, t], h, weight_ih, weight_hh, bias_ih, bias_hh)
        hs.append(h)
    grad = torch.ones_like(h)
    norms = [grad.norm()]
    for h in reversed(hs[1:]):
        grad = (grad * (1 - h ** 2)) @ weight_hh
        norms.insert(0, torch.linalg.norm(grad))
    return torch.stack(norms)


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    with torch.no_grad():
        B, T, _ = x.shape
        H = weight_hh.shape[1]
        h = x.new_zeros(B, H)
        c = x.new_zeros(B, H)
        saved = []
        for t in range(T):
            z = x[:, t] @ weight_ih.T + h @ weight_hh.T + bias_ih + bias_hh
            i, f, g, o = torch.split(z, H, dim=-1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            old = c
            c = f * c + i * g
            h = o * c.tanh()
            saved.append((i, f, g, o, old, c))
        out = torch.empty(T, dtype=x.dtype)
        dc, dh = torch.ones_like(c), torch.zeros_like(c)
        out[T - 1] = dc.pow(2).sum().sqrt()
        for t in range(T - 2, -1, -1):
            i, f, g, o, old, new = saved[t + 1]
            dz = torch.cat([dc * g * i * (1 - i), dc * old * f * (1 - f), dc * i * (1 - g ** 2), dh * new.tanh() * o * (1 - o)], 1)
            dh = dz @ weight_hh
            _, _, _, o_t, _, c_t = saved[t]
            dc = dc * f + dh * o_t * (1 - c_t.tanh() ** 2)
            out[t] = dc.pow(2).sum().sqrt()
        return out


def forget_bias_for(half_life: float, base=2.0) -> float:
    if half_life > 0:
        f = base ** (-1 / half_life)
        return -math.log(1 / f - 1)
    raise ValueError
