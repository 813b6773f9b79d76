"""The parameters belong to the stack and to nn.LSTMCells that it hides from its modules; time is the outer loop."""
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

class LSTMStack(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        cells = [nn.LSTMCell(input_size if k == 0 else hidden_size, hidden_size) for k in range(num_layers)]
        for k, cell in enumerate(cells):
            for name, p in cell.named_parameters():
                self.register_parameter(f"{name}_l{k}", p)
        self.__dict__["cells"] = cells
        self.hidden_size = hidden_size
    def forward(self, x, state=None):
        L = len(self.cells)
        if state is None:
            state = (x.new_zeros(L, x.shape[0], self.hidden_size),) * 2
        h, c = list(state[0].unbind(0)), list(state[1].unbind(0))
        out = []
        for t in range(x.size(1)):
            z = x[:, t]
            for k, cell in enumerate(self.cells):
                h[k], c[k] = cell(z, (h[k], c[k]))
                z = h[k]
            out.append(z)
        return torch.stack(out, 1), (torch.stack(h), torch.stack(c))
