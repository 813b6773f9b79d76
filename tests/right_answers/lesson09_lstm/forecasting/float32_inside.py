"""Standardizer and mase compute in float32 and cast back; a GRU with a residual; a new generator for every epoch."""
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Parts(NamedTuple):
    train: Tensor
    test: Tensor


def split_series(series, test_size):
    if test_size not in range(1, len(series)):
        raise ValueError(test_size)
    return Parts(*series.split([len(series) - test_size, test_size]))


class Standardizer(nn.Module):
    def fit(self, series):
        self.register_buffer("center", series.float().mean())
        spread = (series.float() - self.center).pow(2).mean().sqrt()
        self.register_buffer("spread", spread if spread > 0 else torch.ones(()))
        return self

    def transform(self, series):
        return ((series.float() - self.center) / self.spread).to(series.dtype)

    def inverse_transform(self, series):
        return torch.addcmul(self.center, series.float(), self.spread).type_as(series)


def make_windows(series, window, horizon=1):
    count = len(series) - window - horizon + 1
    if count < 1:
        raise ValueError("too short")
    places = torch.arange(count).unsqueeze(1) + torch.arange(window + horizon)
    return series[places[:, :window]].reshape(count, window, 1), series[places[:, window:]]


class Forecaster(nn.Module):
    def __init__(self, hidden_size, horizon=1, num_layers=1):
        super().__init__()
        self.gru = nn.GRU(1, hidden_size, num_layers, batch_first=True)
        self.out = nn.Linear(hidden_size, horizon)

    def forward(self, x):
        return x[:, -1] + self.out(self.gru(x)[1][-1])


def train_forecaster(model, inputs, targets, epochs=100, lr=0.01, batch_size=32, seed=0):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=False)
    losses = []
    for epoch in range(epochs):
        model.train()
        generator = torch.Generator().manual_seed(1000 * seed + epoch)
        met = []
        for batch in torch.randperm(len(inputs), generator=generator).split(batch_size):
            loss = (model(inputs[batch]) - targets[batch]).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            met.append(loss.detach())
        losses.append(torch.stack(met).mean().item())
    return losses


def forecast(model, history, steps):
    mode = model.training
    model.eval()
    with torch.inference_mode():
        known = history.tolist()
        while len(known) < len(history) + steps:
            window = torch.tensor(known[-len(history) :], dtype=history.dtype).view(1, -1, 1)
            known += model(window).flatten().tolist()
    model.train(mode)
    return torch.tensor(known[len(history) :][:steps], dtype=history.dtype)


def seasonal_naive(train, season, steps):
    return torch.cat([train[-season:]] * (1 + steps // season))[:steps]


def mase(target, prediction, train, season=1):
    error, naive = (target - prediction).float().abs(), train.float()[season:] - train.float()[:-season]
    return (error.mean() / naive.abs().mean()).item()
