"""Parameters taken over from an nn.LSTM that is made for it; layers are views on them, with torch.lstm_cell."""
import torch
from torch import nn

class StackedLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=2, dropout=0.0):
        super().__init__()
        self.fc = nn.Linear(hidden_size, output_size)
        self.lstm = nn.LSTM(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0)
    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])

class _Layer:
    def __init__(self, owner, k):
        self.owner, self.k = owner, k
    def __getattr__(self, name):
        return getattr(self.owner, f"{name}_l{self.k}")
    def run(self, x, h, c):
        steps = []
        for x_t in torch.unbind(x, 1):
            h, c = torch.lstm_cell(x_t, (h, c), self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
            steps += [h]
        return torch.stack(steps, 1), h, c

class LSTMStack(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        nn.Module.__init__(self)
        ref = nn.LSTM(input_size, hidden_size, num_layers)
        for n, p in ref.named_parameters():
            self.register_parameter(n, nn.Parameter(p.detach().clone()))
        self.num_layers = num_layers; self.hidden_size = hidden_size
    def forward(self, x, state=None):
        h0, c0 = state if state is not None else (None, None)
        hn, cn = [], []
        for k in range(self.num_layers):
            z = torch.zeros(x.size(0), self.hidden_size).to(x.dtype)
            h = z if h0 is None else h0[k]
            c = z if c0 is None else c0[k]
            x, h, c = _Layer(self, k).run(x, h, c)
            hn.append(h.unsqueeze(0)); cn.append(c.unsqueeze(0))
        return x, (torch.cat(hn), torch.cat(cn))
