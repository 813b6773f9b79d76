"""Examples for `forecasting`. Run them with `pytest` or `grader check forecasting`."""

import torch

from grader.suite.writing import assert_same, assert_shape, expect, parts_of, unchanged

PARTS = ("the training part", "the test part")
WINDOWS = ("inputs", "targets")


def test_split_series(student):
    """The last values are held back"""
    parts = student.split_series(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 2)
    assert_same(parts, (torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0])), "the split", names=PARTS)


def test_standardizer(student):
    """Fitted on 2 and 4, mean 3 and standard deviation 1, the standardizer makes 4 of 7, and 7 of 4 again"""
    scaler = student.Standardizer().fit(torch.tensor([2.0, 4.0]))
    assert_same(scaler.transform(torch.tensor([7.0, 3.0])), torch.tensor([4.0, 0.0]), "the transformed series")
    assert_same(scaler.inverse_transform(torch.tensor([4.0])), torch.tensor([7.0]), "the series transformed back")


def test_make_windows(student):
    """Of 1, 2, 3, 4, 5 the windows (1, 2) and (2, 3) have the targets (3, 4) and (4, 5)"""
    windows = student.make_windows(torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]), 2, horizon=2)
    wanted = (torch.tensor([[[1.0], [2.0]], [[2.0], [3.0]]]), torch.tensor([[3.0, 4.0], [4.0, 5.0]]))
    assert_same(windows, wanted, names=WINDOWS)


def test_forecaster_learns_a_line(student):
    """A forecaster gives (B, horizon), and learns a line, for which answering the mean has a loss of 0.27"""
    inputs, targets = parts_of(student.make_windows(torch.linspace(-1, 1, 30), 4), WINDOWS)
    model = student.Forecaster(8)
    assert_shape(model(inputs), (26, 1), "the forecast")
    losses = student.train_forecaster(model, inputs, targets, epochs=60, lr=0.03)
    expect(isinstance(losses, list), "train_forecaster should return a list of losses.", got=losses)
    expect(len(losses) == 60, f"60 epochs should give 60 losses, one for each; {len(losses)} came back.", got=losses)
    # Right ones of all kinds (LSTM, GRU, RNN, one to three layers, dropout) end at 0.03 or less.
    told = f"After 60 epochs the loss is {losses[-1]:.3g}; it should be below 0.1. Answering the mean has one of 0.27."
    expect(losses[-1] < 0.1, told, got=losses)


def test_forecast_reads_its_predictions(student):
    """A model that gives the mean of its window makes 2, then 2.5, then 2.25 of 1 and 3"""
    mean = student.far_side("torch.nn.Linear")(2, 1, bias=False)
    mean.load_state_dict({"weight": torch.tensor([[0.5, 0.5]])})
    model = student.far_side("torch.nn.Sequential")(student.far_side("torch.nn.Flatten")(), mean)
    future = student.forecast(model, torch.tensor([1.0, 3.0]), 3)
    assert_same(future, torch.tensor([2.0, 2.5, 2.25]), "the forecast")


def test_seasonal_naive(student):
    """After 9, 1, 2, 3 with a season of 3 come 1, 2, 3, 1, 2"""
    future = student.seasonal_naive(torch.tensor([9.0, 1.0, 2.0, 3.0]), 3, 5)
    assert_same(future, torch.tensor([1.0, 2.0, 3.0, 1.0, 2.0]), "the seasonal naive forecast")


def test_mase(student):
    """An error of 1.5 where the naive forecast is off by 5/3 in the training part is a MASE of 0.9"""
    target, prediction = torch.tensor([5.0, 5.0]), torch.tensor([4.0, 7.0])
    error = student.mase(target, prediction, torch.tensor([1.0, 3.0, 2.0, 4.0]))
    assert_same(error, 0.9, "the MASE", rtol=1e-5)


def test_series_stay(student):
    """The series that a function is given is the same afterwards"""
    series = torch.tensor([1.0, 3.0, 2.0, 4.0])
    scaler = student.Standardizer().fit(torch.tensor([2.0, 4.0]))
    calls = (
        lambda: student.split_series(series, 2),
        lambda: student.Standardizer().fit(series),
        lambda: scaler.transform(series),
        lambda: scaler.inverse_transform(series),
        lambda: student.make_windows(series, 2),
        lambda: student.seasonal_naive(series, 2, 3),
        lambda: student.mase(series, series + 1, series),
    )
    for call in calls:
        with unchanged(series=series):
            call()
