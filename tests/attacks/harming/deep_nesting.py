"""Aim: containers nested as deep as they go.
At most: 0 points of gates.
"""

def nested(make, depth):
    value = 0
    for _ in range(depth):
        value = make(value)
    return value


def forget_gate(*args):
    return nested(lambda value: [value], 10**5)


def input_gate(*args):
    return nested(lambda value: {"a": value}, 60)


def output_gate(*args):
    return nested(lambda value: (value,), 64)


def candidate(*args):
    raise nested(lambda value: ExceptionGroup("g", [value]), 0) or ValueError(nested(lambda value: [value], 500))
