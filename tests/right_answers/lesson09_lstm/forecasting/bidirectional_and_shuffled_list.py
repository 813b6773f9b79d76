"""A bidirectional LSTM with attention; random.Random shuffles; closures; windows by as_strided; forecasts in a deque."""
import random
from collections import deque, namedtuple

import torch
from torch import nn

Windows = namedtuple("Windows", "inputs targets")


class TooShort(ValueError):
    pass


def split_series(series, test_size):
    past, future = series[: max(0, len(series) - test_size)], series[len(series) - test_size :]
    if test_size < 1 or not len(past):
        raise TooShort(f"{test_size} of {len(series)}")
    return past, future


class Standardizer:
    def __init__(self, eps=0.0):
        self.eps = eps
        self.parameters = None

    def fit(self, series):
        variance, mean = torch.var_mean(series, correction=0)
        self.parameters = mean.item(), variance.sqrt().item() or 1.0
        return self

    def transform(self, series):
        mean, scale = self.parameters
        return series.sub(mean).div(scale)

    def inverse_transform(self, series):
        mean, scale = self.parameters
        return series.mul(scale).add(mean)


def make_windows(series, window, horizon=1):
    count = len(series) - window - horizon + 1
    if count <= 0:
        raise TooShort
    step = series.stride(0)
    both = series.as_strided((count, window + horizon), (step, step))
    return Windows(both[:, :window, None], both[:, -horizon:])


class Forecaster(nn.Module):
    def __init__(self, hidden_size, horizon=1, num_layers=1, heads=1):
        super().__init__()
        self.rnn = nn.LSTM(1, hidden_size, num_layers, batch_first=True, bidirectional=True)
        self.score = nn.Linear(2 * hidden_size, 1)
        self.head = nn.Sequential(nn.Linear(4 * hidden_size, hidden_size), nn.Tanh(), nn.Linear(hidden_size, horizon))

    def forward(self, x):
        steps, _ = self.rnn(x)
        weights = self.score(steps).softmax(dim=1)
        return self.head(torch.cat([(weights * steps).sum(dim=1), steps[:, -1]], dim=1))


def train_forecaster(model, inputs, targets, epochs=100, lr=0.01, batch_size=32, seed=0):
    adam, shuffler, places = torch.optim.Adam(model.parameters(), lr=lr), random.Random(seed), list(range(len(inputs)))
    losses = []
    model.train()
    while len(losses) < epochs:
        shuffler.shuffle(places)
        total = 0.0
        for start in range(0, len(places), batch_size):
            rows = places[start : start + batch_size]

            def closure():
                adam.zero_grad()
                loss = nn.MSELoss()(model(inputs[rows]), targets[rows])
                loss.backward()
                return loss

            total += adam.step(closure).item() * len(rows)
        losses.append(total / len(places))
    model.eval()
    return losses


def forecast(model, history, steps):
    was, window, future = model.training, deque(history, maxlen=len(history)), []
    model.eval()
    with torch.no_grad():
        while len(future) < steps:
            block = model(torch.stack(list(window)).reshape(1, -1, 1)).squeeze(0)
            window.extend(block)
            future.extend(block)
    model.train(was)
    return torch.stack(future)[:steps]


def seasonal_naive(train, season, steps):
    return torch.stack([train[len(train) - season + step % season] for step in range(steps)])


def mase(target, prediction, train, season=1):
    naive = [abs(float(now - then)) for now, then in zip(train[season:], train)]
    errors = [abs(float(a - b)) for a, b in zip(target, prediction)]
    return (sum(errors) / len(errors)) / (sum(naive) / len(naive))
