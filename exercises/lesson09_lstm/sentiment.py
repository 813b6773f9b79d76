"""Exercise 8: an embedding, an LSTM over packed sequences, and training in shuffled batches.

Is a review positive? B is a batch of reviews, N all of them, T the number of time steps. `tokens` are word
numbers, padded at the end with 0; `lengths` says how many of a review's steps are words. Do not change the
tensors that you are given.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence


class SentimentLSTM(nn.Module):
    """Reads a review word by word and answers with one logit: above 0 is positive.

    The submodules are named `embedding` (an `nn.Embedding` with `padding_idx=0`), `lstm` (an `nn.LSTM` with
    `batch_first`, one direction) and `fc`, which makes one logit of what the LSTM gives at a review's last
    word.
    """

    def __init__(self, vocab_size: int, embed_dim: int, hidden_size: int, dropout: float = 0.0) -> None:
        """Make the submodules.

        Args:
            vocab_size: how many different word numbers there are, with 0 for padding.
            embed_dim: the size of a word's vector.
            hidden_size: the size of the LSTM's state.
            dropout: the share of numbers that are dropped somewhere between words and logit, in training
                only. (The argument `dropout` of `nn.LSTM` acts between layers: with one layer it does
                nothing.)
        """
        super().__init__()
        # YOUR CODE HERE
        raise NotImplementedError()

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """One logit for each review.

        A review's logit depends on its own words only: not on how much padding follows, not on the other
        reviews of the batch, not on their order.

        Args:
            tokens: (B, T), int64, padded at the end with 0.
            lengths: (B,), int64, each 1 … T, in any order; the longest may be shorter than T.

        Returns:
            (B,), also for a batch of one: `fc` of the LSTM's output at each review's last word. In a review
            of 3 words in a batch of T = 7 that is step 2, not step 6.
        """
        # YOUR CODE HERE
        raise NotImplementedError()


def train_sentiment(
    model: nn.Module,
    tokens: Tensor,
    lengths: Tensor,
    labels: Tensor,
    epochs: int = 5,
    lr: float = 0.01,
    batch_size: int = 32,
    seed: int = 0,
) -> list[float]:
    """Train in batches: each is one step of Adam on the binary cross-entropy of its logits.

    Every epoch goes through all reviews once, in an order of its own. The orders follow from `seed` alone,
    and the global random generator is not touched. With 70 reviews and batches of 32, an epoch has batches
    of 32, 32 and 6.

    Args:
        model: any module whose `model(tokens, lengths)` gives logits (B,); it is set to train mode, and is
            trained afterwards.
        tokens: (N, T), int64.
        lengths: (N,), int64.
        labels: (N,), 0.0 or 1.0.
        epochs: how often to go through all reviews.
        lr: Adam's learning rate; its other settings stay at their defaults.
        batch_size: reviews in a batch; the last one may be smaller.
        seed: decides the order of the reviews.

    Returns:
        For each epoch the mean of the losses that were met on the way, as a float.
    """
    # YOUR CODE HERE
    raise NotImplementedError()


def accuracy(model: nn.Module, tokens: Tensor, lengths: Tensor, labels: Tensor) -> float:
    """The share of reviews that the model gets right, 0 … 1; a logit above 0 means positive.

    The model answers in eval mode and without gradient; afterwards its `training` flag is what it was
    before. For logits 0.2, -1.0, 3.0 and labels 1, 1, 1 it is 2/3, about 0.667.
    """
    # YOUR CODE HERE
    raise NotImplementedError()
