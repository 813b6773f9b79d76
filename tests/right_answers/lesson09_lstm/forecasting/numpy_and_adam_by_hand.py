"""A plain RNN with a convolution before it; NumPy's permutations; Adam by hand; windows in a loop; recursion in forecast."""
import numpy as np
import torch
from torch import nn


def split_series(series, test_size):
    T = series.numel()
    if not 0 < test_size < T:
        raise ValueError(f"test_size={test_size}")
    return tuple(torch.tensor_split(series, (T - test_size,)))


class Standardizer:
    __slots__ = ("mean", "std")

    def fit(self, series):
        self.mean = series.mean(dim=0, keepdim=True)
        self.std = series.std(dim=0, unbiased=False, keepdim=True)
        self.std = self.std.masked_fill(self.std == 0, 1.0)
        return self

    def transform(self, series, inverse=False):
        return series * self.std + self.mean if inverse else (series - self.mean) / self.std

    def inverse_transform(self, series):
        return self.transform(series, inverse=True)


def make_windows(series, window, horizon=1):
    starts = range(len(series) - window - horizon + 1)
    if not starts:
        raise ValueError("the series is too short")
    inputs = torch.stack([series[start : start + window] for start in starts])
    targets = torch.stack([series[start + window :][:horizon] for start in starts])
    return inputs[..., None], targets


class Forecaster(nn.Module):
    def __init__(self, hidden_size, horizon=1, num_layers=1, kind=nn.RNN):
        super().__init__()
        self.before = nn.Conv1d(1, hidden_size, 3, padding=1)
        self.rnn = kind(hidden_size, hidden_size, num_layers, batch_first=True)
        self.after = nn.Linear(hidden_size, horizon)
        self.state = None

    def forward(self, x, h_0=None):
        features = self.before(x.mT).mT
        output, self.state = self.rnn(features, h_0)
        return self.after(output[:, -1])


def train_forecaster(model, inputs, targets, epochs=100, lr=0.01, batch_size=32, seed=0):
    generator = np.random.RandomState(seed)
    parameters = [p for p in model.parameters() if p.requires_grad]
    moments = {p: (torch.zeros_like(p), torch.zeros_like(p)) for p in parameters}
    model.train()
    losses, step = np.zeros(epochs), 0
    for epoch in range(epochs):
        for rows in np.array_split(generator.permutation(len(inputs)), range(batch_size, len(inputs), batch_size)):
            loss = nn.functional.mse_loss(model(inputs[rows]), targets[rows])
            step += 1
            for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
                m, v = moments[p]
                m.mul_(0.9).add_(g, alpha=0.1)
                v.mul_(0.999).addcmul_(g, g, value=0.001)
                p.data -= lr * m / (1 - 0.9**step) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
            losses[epoch] += loss.item() * len(rows) / len(inputs)
    return losses.tolist()


def forecast(model, history, steps):
    def further(window, left):
        block = model(window[None, :, None])[0]
        if left <= len(block):
            return [block[:left]]
        return [block, *further(torch.cat([window, block])[-len(window) :], left - len(block))]

    training = model.training
    model.eval()
    with torch.no_grad():
        future = torch.cat(further(history, steps))
    model.train(training)
    return future


def seasonal_naive(train, season, steps):
    return train[torch.arange(steps) % season - season]


def mase(target, prediction, train, season=1):
    scale = (train - train.roll(season))[season:].abs().mean()
    return nn.functional.l1_loss(prediction, target).div(scale).item()
