import torch
from torch import nn


def split_series(series, test_size):
    if not 1 <= test_size <= len(series) - 1:
        raise ValueError("test_size must leave something on both sides")
    return series[:-test_size], series[-test_size:]


class Standardizer:
    def fit(self, series):
        self.mean = series.mean()
        std = series.std(correction=0)
        self.std = std if std > 0 else torch.ones_like(std)
        return self

    def transform(self, series):
        return (series - self.mean) / self.std

    def inverse_transform(self, series):
        return series * self.std + self.mean


def make_windows(series, window, horizon=1):
    n = len(series) - window - horizon + 1
    if n < 1:
        raise ValueError("the series is too short")
    inputs = torch.stack([series[k : k + window] for k in range(n)]).unsqueeze(-1)
    targets = torch.stack([series[k + window : k + window + horizon] for k in range(n)])
    return inputs, targets


class Forecaster(nn.Module):
    def __init__(self, hidden_size, horizon=1, num_layers=1):
        super().__init__()
        self.rnn = nn.GRU(1, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, horizon)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


def train_forecaster(model, inputs, targets, epochs=100, lr=0.01, batch_size=32, seed=0):
    model.train()
    order = torch.Generator().manual_seed(seed)
    adam = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        seen = []
        permutation = torch.randperm(len(inputs), generator=order)
        for start in range(0, len(inputs), batch_size):
            rows = permutation[start : start + batch_size]
            adam.zero_grad()
            loss = ((model(inputs[rows]) - targets[rows]) ** 2).mean()
            loss.backward()
            adam.step()
            seen += [loss.item()] * len(rows)
        history.append(sum(seen) / len(seen))
    return history


def forecast(model, history, steps):
    was_training = model.training
    model.eval()
    window, made = len(history), history.detach().clone()
    with torch.no_grad():
        while len(made) < window + steps:
            block = model(made[-window:].reshape(1, window, 1))[0]
            made = torch.cat([made, block])
    model.train(was_training)
    return made[window : window + steps]


def seasonal_naive(train, season, steps):
    return train[-season:][torch.arange(steps) % season]


def mase(target, prediction, train, season=1):
    scale = (train[season:] - train[:-season]).abs().mean()
    return ((target - prediction).abs().mean() / scale).item()
