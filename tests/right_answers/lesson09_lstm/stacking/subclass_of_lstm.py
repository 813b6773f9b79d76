"""Inherits the parameters of nn.LSTM and writes forward anew; the state may be one tensor; an extra argument."""
import torch
from torch import nn

class StackedLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=2, dropout=0.0, bidirectional=False):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True, dropout=dropout, bidirectional=bidirectional)
        self.fc = nn.Linear(hidden_size, output_size)
    def forward(self, x):
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size, dtype=x.dtype)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size, dtype=x.dtype)
        out, _ = self.lstm(x, (h0, c0))
        return self.fc(out)[:, -1, :]

class LSTMStack(nn.LSTM):
    """nn.LSTM holds the parameters; forward is written anew."""
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__(input_size, hidden_size, num_layers, batch_first=True)
    def forward(self, x, state=None):
        if state is None:
            state = torch.zeros(2, self.num_layers, len(x), self.hidden_size, dtype=x.dtype)
        hs, cs = [], []
        for k, (h, c) in enumerate(zip(state[0], state[1])):
            wi, wh, bi, bh = self.all_weights[k]
            out = []
            for t in range(x.shape[1]):
                z = nn.functional.linear(x[:, t], wi, bi) + nn.functional.linear(h, wh, bh)
                i, f, g, o = torch.split(z, self.hidden_size, dim=1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
                out.append(h)
            x = torch.stack(out, dim=1)
            hs.append(h); cs.append(c)
        return x, (torch.stack(hs), torch.stack(cs))
