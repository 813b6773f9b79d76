from torch import sigmoid, tanh


def _weighted(x, h, w_x, w_h, b):
    return x @ w_x.t() + h @ w_h.t() + b


def forget_gate(*args):
    return sigmoid(_weighted(*args))


def input_gate(*args):
    return sigmoid(_weighted(*args))


def output_gate(*args):
    return sigmoid(_weighted(*args))


def candidate(*args):
    return sigmoid(_weighted(*args))


def update_cell(forget, input, candidate, cell):
    kept = forget * cell
    return kept + input * candidate


def expose_hidden(output, cell):
    return tanh(cell) * output
