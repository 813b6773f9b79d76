"""The last 40 years of the sunspot series: forecast a year ahead by your model, and what was counted."""

from pathlib import Path

import torch

HELD_BACK, WINDOW = 40, 22


def draw(student, figure):
    text = (Path(__file__).parents[1] / "data" / "sunspots.csv").read_text(encoding="ascii").splitlines()
    rows = [line.split(",") for line in text if line[:1].isdigit()]
    years = [int(float(row[0])) for row in rows]
    series = torch.tensor([float(row[1]) for row in rows])
    train, test = student.split_series(series, HELD_BACK)
    scaler = student.Standardizer().fit(train)
    inputs, targets = student.make_windows(scaler.transform(train), WINDOW)
    model = student.Forecaster(24)
    student.train_forecaster(model, inputs, targets, epochs=20)
    model.eval()
    recent = torch.cat([train[-WINDOW:], test])
    windows, _ = student.make_windows(scaler.transform(recent), WINDOW)
    with torch.no_grad():
        forecast = scaler.inverse_transform(model(windows)[:, 0])
    axes = figure.subplots()
    axes.plot(years[-HELD_BACK:], test, color="#777777", marker="o", markersize=3, label="counted")
    axes.plot(years[-HELD_BACK:], forecast, color="#0072B2", label="your forecast, a year ahead")
    axes.plot(years[-HELD_BACK:], recent[WINDOW - 1 : -1], color="#D55E00", linestyle=":", label="as last year")
    axes.set(xlabel="year", ylabel="sunspot number", title="Years that your model has not seen")
    axes.legend(frameon=False)
