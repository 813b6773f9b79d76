"""Exercise 9: forecasting a time series, and finding out whether the forecast is any good.

T is the length of a series, N the number of windows, B the batch. A series is a tensor of one dimension, in
time order. Do not change the tensors that you are given.
"""

import torch
from torch import Tensor, nn


def split_series(series: Tensor, test_size: int) -> tuple[Tensor, Tensor]:
    """The past to learn from and the future to be judged by: the last `test_size` values are held back.

    Args:
        series: (T,).
        test_size: how many values the test part has, 1 … T-1.

    Returns:
        (train, test), of the shapes (T - test_size,) and (test_size,), both in time order. tensor([1., 2., 3.,
        4., 5.]) with a test_size of 2 becomes tensor([1., 2., 3.]) and tensor([4., 5.]).

    Raises:
        ValueError: test_size is not in 1 … T-1.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


class Standardizer:
    """Shifts and scales a series to mean 0 and standard deviation 1, and back.

    Fit it on the training part alone: the test part is the future, and its mean and spread are not known yet.
    Fitted on tensor([2., 4.]), which has mean 3 and standard deviation 1, it transforms tensor([7.]) to
    tensor([4.]), and back.
    """

    def fit(self, series: Tensor) -> "Standardizer":
        """Remember the mean and the standard deviation of `series`, (T,), in place of what was remembered before.

        The standard deviation is that of the population: the root of the mean squared distance from the mean. Where
        it is 0, because all values are equal, 1 takes its place.

        Returns:
            This same object, so that `Standardizer().fit(train)` can be written in one go.
        """
        # YOUR CODE HERE
        raise NotImplementedError()

    def transform(self, series: Tensor) -> Tensor:
        """(series - mean) / standard deviation, both as they were fitted; any series, (T,)."""
        # YOUR CODE HERE
        raise NotImplementedError()

    def inverse_transform(self, series: Tensor) -> Tensor:
        """The way back: what `transform` was given, from what it returned; (T,)."""
        # YOUR CODE HERE
        raise NotImplementedError()


def make_windows(series: Tensor, window: int, horizon: int = 1) -> tuple[Tensor, Tensor]:
    """Every stretch of `window` values, and the `horizon` values that follow it.

    Args:
        series: (T,).
        window: how many values the model sees.
        horizon: how many it predicts at once.

    Returns:
        (inputs, targets), of the shapes (N, window, 1) and (N, horizon), N = T - window - horizon + 1, in time order.
        The series 1, 2, 3, 4, 5 with a window of 2 and a horizon of 2 gives two windows, (1, 2) and (2, 3), and the
        targets (3, 4) and (4, 5).

    Raises:
        ValueError: the series is too short for a single window and its target.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


class Forecaster(nn.Module):
    """A recurrent network (an LSTM, or another one that you like better) that reads a window and forecasts."""

    def __init__(self, hidden_size: int, horizon: int = 1, num_layers: int = 1) -> None:
        """Make the layers: a recurrent network with one input a step, and what turns its last output into numbers.

        Args:
            hidden_size: units of each recurrent layer.
            horizon: how many values are predicted at once.
            num_layers: how many recurrent layers lie one above the other.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x: Tensor) -> Tensor:
        """The values that follow each window: from (B, window, 1) to (B, horizon), for windows of any length."""
        # YOUR CODE HERE
        raise NotImplementedError()


def train_forecaster(
    model: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    epochs: int = 100,
    lr: float = 0.01,
    batch_size: int = 32,
    seed: int = 0,
) -> list[float]:
    """Train with Adam on the mean squared error, in train mode.

    Args:
        model: any model from (B, window, 1) to (B, horizon).
        inputs: (N, window, 1).
        targets: (N, horizon).
        epochs: how often every window is seen.
        lr: Adam's learning rate.
        batch_size: windows a step. The last batch of an epoch may be smaller, and counts too.
        seed: the windows are shuffled anew in every epoch, all from one generator that starts with this seed.
            PyTorch's global generator (and those of random and NumPy) must not be touched.

    Returns:
        Each epoch's loss: the mean over its windows of the losses met on the way, each before its step.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def forecast(model: nn.Module, history: Tensor, steps: int) -> Tensor:
    """Further and further into the future: the model reads its own predictions as if they had happened.

    Args:
        model: any model from (B, window, 1) to (B, horizon). Whatever its mode was, it predicts in eval mode,
            without gradient, and `model.training` is afterwards what it was before.
        history: (window,), the last known values.
        steps: how many values to forecast.

    Returns:
        (steps,). Each call of the model gives a whole block of its horizon; the block is put at the end of the
        history, of which the last `window` values are the next input. The last block is cut where it is too long.
        If the model always answers the mean of its window and the history is (1, 3), then (2, 2.5, 2.25) follow.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def seasonal_naive(train: Tensor, season: int, steps: int) -> Tensor:
    """The forecast that every other one has to beat: the last season, again and again.

    Args:
        train: (T,), at least one season long.
        season: how many values a season has; 1 repeats the last value, which is called persistence.
        steps: how many values to forecast.

    Returns:
        (steps,). After 9, 1, 2, 3 with a season of 3 come 1, 2, 3, 1, 2, …
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def mase(target: Tensor, prediction: Tensor, train: Tensor, season: int = 1) -> float:
    """Mean absolute scaled error (Hyndman & Koehler, 2006): below 1 is better than naive on the training part.

    Args:
        target: what happened, (steps,).
        prediction: what was forecast, (steps,).
        train: the training part, (T,).
        season: how far the naive forecast looks back.

    Returns:
        The mean absolute error of the prediction, divided by the mean of |train[t] - train[t - season]| over all t
        for which both are there. For the training part (1, 3, 2, 4) with season=1 that mean is 5/3; for the targets
        (5, 5) and predictions (4, 7) the error is 1.5, so the result is 0.9.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
