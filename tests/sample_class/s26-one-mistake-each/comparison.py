import torch
from torch import nn


def adding_problem(batch_size, length, generator):
    if length < 2:
        raise ValueError("two steps at least")
    first = torch.randint(length // 2, (batch_size, 1), generator=generator)
    second = torch.randint(length // 2, length, (batch_size, 1), generator=generator)
    values = torch.rand((batch_size, length), generator=generator)
    marks = torch.zeros_like(values).scatter(1, first, 1.0).scatter(1, second, 1.0)
    return torch.stack((values, marks), dim=-1), values.gather(1, first) + values.gather(1, second)


class SequenceRegressor(nn.Module):
    def __init__(self, kind, input_size, hidden_size):
        super().__init__()
        if kind == "rnn":
            layer = nn.RNN
        elif kind == "lstm":
            layer = nn.LSTM
        elif kind == "gru":
            layer = nn.GRU
        else:
            raise ValueError(f"unknown kind {kind}")
        self.rnn = layer(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, x):
        out = self.rnn(x)[0]
        return self.fc(out[:, -1])


def train_on_adding(kind, length, steps, hidden_size=32, batch_size=32, lr=0.01, clip_norm=1.0, seed=0):
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    net = SequenceRegressor(kind, 2, hidden_size)
    torch.set_rng_state(state)
    generator = torch.Generator().manual_seed(seed + 1)
    adam = torch.optim.Adam(net.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        x, y = adding_problem(batch_size, length, generator)
        loss = nn.MSELoss()(net(x), y)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), clip_norm)
        adam.step()
        losses.append(loss.item())
    return net, losses
