"""Helper class, double-where sigmoid, create_graph and detach, ValueError subclass, printing."""
import math
import warnings
import torch
from torch import nn, Tensor


class BadHalfLife(ValueError):
    pass


class _Plain(nn.Module):
    def __init__(self, *w):
        super().__init__()
        self.w = [p.detach() for p in w]

    def forward(self, x, h):
        return rnn_step(x, h, *self.w)


def rnn_step(x: Tensor, h: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias_ih: Tensor, bias_hh: Tensor, act=torch.tanh):
    warnings.warn("hello")
    return act(torch.addmm(bias_ih, x, weight_ih.T) + torch.addmm(bias_hh, h, weight_hh.T))


def rnn_gradient_norms(x, *weights):
    net = _Plain(*weights)
    x = x.detach().permute(1, 0, 2)
    h = torch.zeros_like(x[0] @ weights[0].detach().T, requires_grad=True)
    states = [h := net(x_t, h) for x_t in x]
    print(len(states))
    grads = torch.autograd.grad(h.sum(), states, create_graph=True)
    return torch.cat([g.square().sum().sqrt().view(1) for g in grads]).detach()


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    wanted = [p.requires_grad for p in (weight_ih, weight_hh, bias_ih, bias_hh)]
    x = x.detach()
    wi, wh, bi, bh = weight_ih.detach(), weight_hh.detach(), bias_ih.detach(), bias_hh.detach()
    (wii, wif, wig, wio), (whi, whf, whg, who) = wi.chunk(4), wh.chunk(4)
    bbi, bbf, bbg, bbo = (bi + bh).chunk(4)
    n = wh.shape[1]
    h = torch.zeros(len(x), n, dtype=wh.dtype)
    c = torch.zeros(len(x), n, dtype=wh.dtype).requires_grad_(True)
    cells = []
    for t in range(x.shape[1]):
        u = x[:, t]
        c = torch.sigmoid(u @ wif.T + h @ whf.T + bbf).mul(c) + torch.sigmoid(u @ wii.T + h @ whi.T + bbi) * torch.tanh(
            u @ wig.T + h @ whg.T + bbg
        )
        h = torch.sigmoid(u @ wio.T + h @ who.T + bbo) * torch.tanh(c)
        cells += [c]
    total = torch.sum(cells[-1])
    return torch.tensor([torch.linalg.vector_norm(torch.autograd.grad(total, k, retain_graph=True)[0]) for k in cells], dtype=x.dtype)


def forget_bias_for(half_life):
    if half_life <= 0:
        raise BadHalfLife(half_life)
    return -math.log(2 ** (1 / half_life) - 1)
