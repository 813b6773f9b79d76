"""Your gates and your candidate as curves over what goes in, and your cell over time."""

import torch


def draw(student, figure):
    left, right = figure.subplots(1, 2)
    inputs = torch.linspace(-6, 6, 121).unsqueeze(1)
    nothing = torch.zeros(121, 1)
    weights = (torch.ones(1, 1), torch.zeros(1, 1), torch.zeros(1))
    for function, color in (("forget_gate", "#0072B2"), ("candidate", "#D55E00")):
        curve = getattr(student, function)(inputs, nothing, *weights).detach()
        left.plot(inputs[:, 0], curve[:, 0], color=color, label=function)
    left.set(xlabel="weighted sum", ylabel="value", title="A gate and the candidate")
    left.legend(frameon=False)

    cell, cells, hiddens = torch.zeros(1, 1), [], []
    one = torch.ones(1, 1)
    for step in range(30):
        written = one if step in (5, 15) else 0 * one
        cell = student.update_cell(0.9 * one, written, one, cell).detach()
        cells.append(float(cell))
        hiddens.append(float(student.expose_hidden(one, cell)))
    right.plot(cells, color="#0072B2", label="cell state")
    right.plot(hiddens, color="#D55E00", linestyle="--", label="hidden state")
    right.set(xlabel="time (steps)", title="Your cell: 1 is written twice")
    right.legend(frameon=False)
