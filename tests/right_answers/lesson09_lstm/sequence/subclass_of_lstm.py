"""Inherits the parameters of nn.LSTM and writes forward anew; masks are numbers, results are written in place."""
import torch
from torch import nn

class LSTMLayer(nn.LSTM):
    """Parameters of nn.LSTM, own forward."""
    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size, batch_first=True)
    def forward(self, x, state=None, lengths=None):
        B, T = x.shape[0], x.shape[1]
        if state is None:
            state = (torch.zeros(1, B, self.hidden_size).to(x), torch.zeros(1, B, self.hidden_size).to(x))
        h, c = state[0].squeeze(0), state[1].squeeze(0)
        output = torch.zeros(B, T, self.hidden_size, dtype=x.dtype)
        for t in range(T):
            pre = x[:, t, :].matmul(self.weight_ih_l0.t()) + self.bias_ih_l0 + h.matmul(self.weight_hh_l0.t()) + self.bias_hh_l0
            i, f, g, o = pre.chunk(4, 1)
            cn = f.sigmoid() * c + i.sigmoid() * g.tanh()
            hn = o.sigmoid() * cn.tanh()
            if lengths is not None:
                m = (lengths > t).to(x.dtype).unsqueeze(-1)
                h = m * hn + (1 - m) * h
                c = m * cn + (1 - m) * c
                output[:, t] = m * hn
            else:
                h, c = hn, cn
                output[:, t] = hn
        return output, (h[None], c[None])

def last_output(output, lengths):
    steps = torch.arange(output.shape[1])[None, :]
    chosen = (steps == (lengths - 1)[:, None]).to(output.dtype)
    return torch.einsum("bt,bth->bh", chosen, output)
