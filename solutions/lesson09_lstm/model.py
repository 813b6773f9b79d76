"""Exercise 4: a model around `nn.LSTM`, and the loop that trains it.

B is the batch, T the number of time steps, I the input size. `train_classifier` and `predict_proba` take
any model that makes logits (B, 1) from x; they know nothing of LSTMs. Do not change the tensors that you
are given.
"""

import torch
from torch import Tensor, nn


class SimpleLSTM(nn.Module):
    """An LSTM that reads a sequence, and a linear layer that answers from its last step.

    The submodules are named `lstm` (an `nn.LSTM` with `batch_first`, one layer, one direction) and `fc` (an
    `nn.Linear`).
    """

    def __init__(self, input_size: int, hidden_size: int, output_size: int) -> None:
        """Make `lstm` and `fc`.

        `SimpleLSTM(3, 5, 2)` has 4·5·(3 + 5) + 2·4·5 = 200 numbers in `lstm` and 2·5 + 2 = 12 in `fc`.
        """
        super().__init__()
        ### BEGIN SOLUTION
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """Logits, one row for each sequence.

        Args:
            x: (B, T, I).

        Returns:
            `fc` of the LSTM's output at the last time step, (B, output_size), with no sigmoid: any number
            may come out. With all parameters zero it is 0 everywhere.
        """
        ### BEGIN SOLUTION
        output, _ = self.lstm(x)
        return self.fc(output[:, -1])
        ### END SOLUTION


def train_classifier(model: nn.Module, x: Tensor, y: Tensor, epochs: int = 50, lr: float = 0.01) -> list[float]:
    """Train on all of x at once, in every epoch one step of Adam on the binary cross-entropy of the logits.

    Args:
        model: any module whose `model(x)` gives logits (B, 1); it is set to train mode, and is trained
            afterwards.
        x: what the model takes, the whole training set as one batch of B.
        y: the labels, (B, 1), 0.0 or 1.0.
        epochs: how many steps.
        lr: Adam's learning rate; its other settings stay at their defaults.

    Returns:
        The loss of each epoch as a float, computed before the epoch's step. A model that starts with all
        logits 0 starts at ln 2, about 0.693.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    model.train()
    for _ in range(epochs):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


def predict_proba(model: nn.Module, x: Tensor) -> Tensor:
    """The probability of label 1 for each sequence: the sigmoid of the model's logits.

    The model answers in eval mode and without gradient; afterwards its `training` flag is what it was before.

    Args:
        model: any module whose `model(x)` gives logits (B, 1).
        x: what the model takes.

    Returns:
        (B, 1), each value in 0…1. A logit of 0 is a probability of 0.5, a logit of 2 is about 0.881.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    with torch.no_grad():
        probabilities = torch.sigmoid(model(x))
    model.train(was_training)
    return probabilities
    ### END SOLUTION
