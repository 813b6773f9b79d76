"""torch.func.vjp and jacobians multiplied from the right."""
import math
import torch


def rnn_step(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.tanh((weight_ih @ x.T).T + bias_ih + (weight_hh @ h.T).T + bias_hh)


def _norms(step, states, first_grad):
    grad, out = first_grad, [first_grad.norm()]
    for t in range(len(states) - 1, 0, -1):
        _, back = torch.func.vjp(lambda s, t=t: step(t, s), states[t - 1])
        (grad,) = back(grad)
        out.append(grad.norm())
    return torch.stack(out[::-1]).detach()


def rnn_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x, weight_ih, weight_hh, bias_ih, bias_hh = (v.detach() for v in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    step = lambda t, h: rnn_step(x[:, t], h, weight_ih, weight_hh, bias_ih, bias_hh)
    h, states = torch.zeros((x.shape[0], weight_hh.shape[0]), dtype=x.dtype), []
    for t in range(x.shape[1]):
        h = step(t, h)
        states.append(h)
    return _norms(step, states, torch.ones_like(h))


def lstm_gradient_norms(x, weight_ih, weight_hh, bias_ih, bias_hh):
    x, weight_ih, weight_hh, bias_ih, bias_hh = (v.detach() for v in (x, weight_ih, weight_hh, bias_ih, bias_hh))
    H = weight_hh.shape[1]

    def step(t, c, o):
        h = o * c.tanh()
        i, f, g, o = (x[:, t] @ weight_ih.T + h @ weight_hh.T + bias_ih + bias_hh).chunk(4, -1)
        return f.sigmoid() * c + i.sigmoid() * g.tanh(), o.sigmoid()

    c = o = torch.zeros((x.shape[0], H), dtype=x.dtype)
    states = []
    for t in range(x.shape[1]):
        c, o = step(t, c, o)
        states.append((c, o))
    grads, out = (torch.ones_like(c), torch.zeros_like(o)), [torch.ones_like(c).norm()]
    for t in range(len(states) - 1, 0, -1):
        _, back = torch.func.vjp(lambda c, o, t=t: step(t, c, o), *states[t - 1])
        grads = back(grads)
        out.append(grads[0].norm())
    return torch.stack(out[::-1]).detach()


def forget_bias_for(half_life):
    if half_life == 0 or half_life < 0:
        raise ValueError("half_life must be above 0")
    f = 0.5 ** (1 / half_life)
    return math.log(f) - math.log(1 - f)
