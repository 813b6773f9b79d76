"""Tokens are groups of itertools, words are put in place by bisection, columns are zipped; the batch is a named tuple."""
from bisect import insort
from itertools import chain, groupby, zip_longest
from typing import NamedTuple

import torch

LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789'")


class Batch(NamedTuple):
    tokens: torch.Tensor
    lengths: torch.Tensor


def tokenize(text, lower=True):
    return ["".join(run) for good, run in groupby(text.lower(), LETTERS.__contains__) if good]


def build_vocab(token_lists, min_freq=1, max_size=None):
    counts = {}
    for word in chain(*token_lists):
        counts[word] = counts.get(word, 0) + 1
    order = []
    for word, count in counts.items():
        if not count < min_freq:
            insort(order, (-count, word))
    vocab = {word: number for number, (_, word) in enumerate(order, 2)}
    vocab.update({"<unk>": 1, "<pad>": 0})
    return {word: number for word, number in vocab.items() if max_size is None or number < max_size}


def encode(tokens, vocab):
    print("encoding", len(tokens))
    numbers = [vocab[token] if token in vocab else 1 for token in tokens]
    return torch.tensor(numbers, dtype=torch.long) if numbers else torch.ones(1, dtype=torch.long)


def pad_batch(sequences):
    if not len(sequences):
        raise ValueError("nothing")
    columns = list(zip_longest(*[sequence.tolist() for sequence in sequences], fillvalue=0))
    return Batch(torch.tensor(columns).T, torch.tensor([sequence.numel() for sequence in sequences]))
