"""Recursion over the layers, parameters looked up by name, the state a named tuple; names nn.LSTM under __main__."""
import torch
from torch import nn
from collections import namedtuple
LastState = namedtuple("LastState", ["h_n", "c_n"])

class StackedLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=2, dropout=0.0):
        super().__init__()
        self.fc = nn.Linear(hidden_size, output_size)
        self.lstm = nn.LSTM(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers, batch_first=True, dropout=dropout if num_layers > 1 else 0.0)
    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])

class LSTMStack(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.sizes = (input_size, hidden_size, num_layers)
        width = input_size
        for k in range(num_layers):
            b = 1.0 / hidden_size ** 0.5
            self.__setattr__(f"weight_ih_l{k}", nn.Parameter(torch.empty(4 * hidden_size, width).uniform_(-b, b)))
            self.__setattr__(f"weight_hh_l{k}", nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-b, b)))
            for n in ("ih", "hh"):
                self.__setattr__(f"bias_{n}_l{k}", nn.Parameter(torch.empty(4 * hidden_size).uniform_(-b, b)))
            width = hidden_size
    def _at(self, k, x_t, h, c):
        P = dict(self.named_parameters())
        z = x_t.matmul(P[f"weight_ih_l{k}"].mT) + P[f"bias_ih_l{k}"] + h.matmul(P[f"weight_hh_l{k}"].mT) + P[f"bias_hh_l{k}"]
        z = z.reshape(len(x_t), 4, -1)
        s = torch.sigmoid(z)
        c = s[:, 1] * c + s[:, 0] * torch.tanh(z[:, 2])
        return s[:, 3] * torch.tanh(c), c
    def _layers(self, k, x, state):
        if k == self.sizes[2]:
            return x, [], []
        h, c = state[0][k], state[1][k]
        seq = []
        for t in range(x.shape[1]):
            h, c = self._at(k, x[:, t], h, c)
            seq.append(h)
        top, hs, cs = self._layers(k + 1, torch.stack(seq, dim=1), state)
        return top, [h] + hs, [c] + cs
    def forward(self, x, state=None):
        _, H, L = self.sizes
        if state is None:
            state = [torch.zeros((L, x.shape[0], H), dtype=x.dtype)] * 2
        top, hs, cs = self._layers(0, x, state)
        return top, LastState(torch.stack(hs), torch.stack(cs))

if __name__ == "__main__":
    print(nn.LSTM(3, 4)(torch.zeros(2, 3)))
