"""Exercise 10: an LSTM against a plain RNN on the adding problem (Hochreiter & Schmidhuber, 1997).

A sequence of random numbers goes by, two of them are marked, and at the end the network says their sum. The longer the
sequence, the longer it must remember. B is the batch, T the length of a sequence, I the input size, H the hidden size.
"""

import torch
from torch import Tensor, nn


def adding_problem(batch_size: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw a batch of the adding problem.

    Args:
        batch_size: B.
        length: T, 2 or more.
        generator: where all randomness comes from; the caller has seeded it, and it runs on from call to call.

    Returns:
        (x, y): x is (B, T, 2), float32. Channel 0 holds numbers uniform in 0…1. Channel 1 marks two steps with a 1, one
        among the first T // 2 steps and one among the rest, and is 0 elsewhere; every possible step is as likely as the
        others, and each sequence draws its own. y is (B, 1): the sum of the two marked numbers. A sequence with the
        numbers 0.5, 0.1, 0.7, 0.2 and the marks 1, 0, 0, 1 has y = 0.5 + 0.2 = 0.7.

    Raises:
        ValueError: length is under 2.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


class SequenceRegressor(nn.Module):
    """One number from a sequence: a recurrent layer `rnn` of some kind, and a linear layer `fc` on its last step."""

    def __init__(self, kind: str, input_size: int, hidden_size: int) -> None:
        """Make the layers.

        Args:
            kind: "rnn" (PyTorch's plain one, with tanh), "lstm" or "gru".
            input_size: I.
            hidden_size: H.

        `rnn` has one layer and takes the batch first; `fc` maps H numbers to one.

        Raises:
            ValueError: another kind.
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, x: Tensor) -> Tensor:
        """One number for each sequence, (B, 1), from x (B, T, I): `fc` of the output at the last step."""
        # YOUR CODE HERE
        raise NotImplementedError()


def train_on_adding(
    kind: str,
    length: int,
    steps: int,
    hidden_size: int = 32,
    batch_size: int = 32,
    lr: float = 0.01,
    clip_norm: float = 1.0,
    seed: int = 0,
) -> tuple[SequenceRegressor, list[float]]:
    """Train a fresh `SequenceRegressor` on the adding problem with Adam and the mean squared error.

    Every step draws a fresh batch, always from the same generator, which runs on. Before Adam's step the gradients of all
    parameters together, seen as one long vector, are cut back to a 2-norm of `clip_norm` where it is larger.

    Args:
        kind: of the recurrent layer, as in `SequenceRegressor`.
        length: of the sequences.
        steps: how many batches to learn from, one step each.
        hidden_size: H.
        batch_size: B.
        lr: Adam's learning rate.
        clip_norm: the largest norm of the gradients.
        seed: governs the start weights and the batches: the same seed gives the same losses, whatever state the global
            generators are in.

    Returns:
        (model, losses): the trained model, and a list with the loss of every step on its batch, taken before the step.
        With length 20 and 800 steps the LSTM ends well below 0.02; always answering 1 has an error of 1/6, about
        0.167.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
