"""How far a gradient reaches, measured by your functions: plain RNN, LSTM, LSTM with your forget bias for 50 steps."""

import torch


def draw(student, figure):
    axes = figure.subplots()
    generator = torch.Generator().manual_seed(0)
    steps, inputs, hidden = 60, 4, 16
    x = torch.randn(8, steps, inputs, generator=generator, dtype=torch.float64)

    def weights(rows):
        bound = hidden**-0.5
        shapes = ((rows, inputs), (rows, hidden), (rows,), (rows,))
        return [(2 * torch.rand(s, generator=generator, dtype=torch.float64) - 1) * bound for s in shapes]

    curves = {"plain RNN": student.rnn_gradient_norms(x, *weights(hidden))}
    lstm = weights(4 * hidden)
    curves["LSTM"] = student.lstm_gradient_norms(x, *lstm)
    lstm[2] = lstm[2].clone()
    lstm[2][hidden : 2 * hidden] += student.forget_bias_for(50.0)
    curves["LSTM, forget bias for a half-life of 50"] = student.lstm_gradient_norms(x, *lstm)
    for (name, norms), color in zip(curves.items(), ("#777777", "#0072B2", "#D55E00"), strict=True):
        axes.semilogy(norms.flip(0) / norms[-1], color=color, label=name)
    axes.set(
        xlabel="distance (steps back from the last)", ylabel="relative gradient", title="How far a gradient reaches"
    )
    axes.legend(frameon=False)
