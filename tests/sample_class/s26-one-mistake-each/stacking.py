import torch
from torch import nn


class StackedLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=2, dropout=0.0):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        output, _ = self.lstm(x)
        return self.fc(output[:, -1, :])


class LSTMStack(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        for layer in range(num_layers):
            cell = nn.LSTMCell(input_size if layer == 0 else hidden_size, hidden_size)
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                self.register_parameter(f"{name}_l{layer}", getattr(cell, name))

    def forward(self, x, state=None):
        sequence = list(x.unbind(1))
        hs, cs = [], []
        for layer in range(self.num_layers):
            parameters = [getattr(self, f"{n}_l{layer}") for n in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
            if state is None:
                h = c = x.new_zeros(len(x), self.hidden_size)
            else:
                h, c = state[0][layer], state[1][layer]
            for t, value in enumerate(sequence):
                h, c = torch.lstm_cell(value, (h, c), *parameters)
                sequence[t] = h
            hs.append(h)
            cs.append(c)
        return torch.stack(sequence, dim=1), (torch.stack(hs), torch.stack(cs))
