"""Adam is written by hand, the LSTM is called step by step, losses are summed row by row, rows are predicted one by one."""
import torch
from torch import nn


class SimpleLSTM(nn.Module):
    def __init__(self, n_in, n_hidden, n_out, bias=True):
        super(SimpleLSTM, self).__init__()
        self.n_hidden = n_hidden
        self.fc = nn.Linear(n_hidden, n_out, bias)
        self.lstm = nn.LSTM(input_size=n_in, hidden_size=n_hidden, num_layers=1, batch_first=True)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        zeros = torch.zeros(1, x.size(0), self.n_hidden, dtype=x.dtype, device=x.device)
        states = (zeros, zeros)
        for t in range(x.size(1)):
            out, states = self.lstm(x[:, t : t + 1], states)
        return self.fc(out[:, 0])


def train_classifier(model, x, y, epochs=50, lr=0.01):
    parameters = [p for p in model.parameters() if p.requires_grad]
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    losses = []
    model.train()
    for step in range(1, epochs + 1):
        z = model(x)
        loss = torch.stack([(z[k].clamp(min=0) - z[k] * y[k] + (-z[k].abs()).exp().log1p()).sum() for k in range(len(x))]).mean()
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for p, g, (m, v) in zip(parameters, gradients, moments):
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).add_(g * g, alpha=0.001)
                p -= lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
        losses.append(float(loss))
    return losses


def predict_proba(model, x):
    before = model.training
    model.eval()
    with torch.no_grad():
        rows = [torch.special.expit(model(row[None])) for row in x]
    model.train(mode=before)
    return torch.cat(rows, dim=0)
