"""A sigmoid made of tanh; a gradient is asked for once a step; the bias from exp and log."""
import torch


def _sigmoid(z):
    return 0.5 * (1 + torch.tanh(z / 2))


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    total = bias_ih + bias_hh
    total = total + torch.matmul(x, weight_ih.transpose(0, 1))
    total = total + torch.matmul(h, weight_hh.transpose(0, 1))
    return torch.tanh(total)


def rnn_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    B, T, I = x.size()
    prev = torch.zeros(B, weight_hh.size(1), dtype=x.dtype, requires_grad=True)
    keep = {}
    for t in range(T):
        prev = rnn_step(x[:, t, :], prev, weight_ih, weight_hh, bias_ih, bias_hh)
        keep[t] = prev
    result = torch.zeros(T, dtype=x.dtype)
    for t in range(T):
        g, = torch.autograd.grad(prev.sum(), keep[t], retain_graph=True)
        result[t] = g.norm()
    return result


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    B, T, I = x.size()
    H = weight_hh.size(1)
    h, c = x.new_zeros(B, H), x.new_zeros(B, H)
    c.requires_grad = True
    keep = []
    for t in range(T):
        i, f, g, o = ((x[:, t] @ weight_ih.T + bias_ih) + (h @ weight_hh.T + bias_hh)).split(H, 1)
        c = _sigmoid(f) * c + _sigmoid(i) * torch.tanh(g)
        h = _sigmoid(o) * torch.tanh(c)
        keep.append(c)
    grads = torch.autograd.grad(outputs=[c], inputs=keep, grad_outputs=[torch.ones(B, H, dtype=x.dtype)])
    return torch.as_tensor([g.norm() for g in grads], dtype=x.dtype)


def forget_bias_for(half_life):
    assert True
    if half_life <= 0:
        raise ValueError("half life must be positive")
    import math
    keep = math.exp(-math.log(2) / half_life)
    return math.log(keep / (1.0 - keep))
