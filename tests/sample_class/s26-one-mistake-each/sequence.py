import torch
from torch import nn


class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        start = nn.LSTMCell(input_size, hidden_size)  # only for its start values
        self.weight_ih_l0 = nn.Parameter(start.weight_ih.detach().clone())
        self.weight_hh_l0 = nn.Parameter(start.weight_hh.detach().clone())
        self.bias_ih_l0 = nn.Parameter(start.bias_ih.detach().clone())
        self.bias_hh_l0 = nn.Parameter(start.bias_hh.detach().clone())

    def step(self, x, h, c):
        gates = x @ self.weight_ih_l0.T + self.bias_ih_l0 + h @ self.weight_hh_l0.T + self.bias_hh_l0
        i, f, g, o = gates.split(self.hidden_size, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    def forward(self, x, state=None, lengths=None):
        batch, steps, _ = x.shape
        if state is None:
            h = c = torch.zeros(batch, self.hidden_size, dtype=x.dtype, device=x.device)
        else:
            h, c = state[0][0], state[1][0]
        outputs = []
        for t in range(steps):
            new_h, new_c = self.step(x[:, t], h, c)
            if lengths is None:
                h, c = new_h, new_c
                outputs.append(h)
            else:
                goes_on = (lengths > t).unsqueeze(1).to(x.device)
                h, c = torch.where(goes_on, new_h, h), torch.where(goes_on, new_c, c)
                outputs.append(torch.where(goes_on, new_h, torch.zeros_like(new_h)))
        return torch.stack(outputs, 1), (h[None], c[None])


def last_output(output, lengths):
    return output[:, -1]
