"""Finds tokens before it lowers them, sorts twice, counts in nested loops, and lets pad_sequence do the padding."""
import collections
import re

import torch
from torch.nn.utils.rnn import pad_sequence

Padded = collections.namedtuple("Padded", ["tokens", "lengths"])


def tokenize(text, pattern=re.compile(r"[A-Za-z0-9']+")):
    return [match.group().lower() for match in pattern.finditer(text)]


def build_vocab(token_lists, min_freq=1, max_size=None):
    flat = [word for tokens in token_lists for word in tokens]
    words = sorted(set(flat))
    words.sort(key=flat.count, reverse=True)
    words = ["<pad>", "<unk>"] + [word for word in words if flat.count(word) >= min_freq]
    return dict(zip(words[: len(words) if max_size is None else max_size], range(len(words))))


def encode(tokens, vocab):
    known = collections.defaultdict(lambda: 1, vocab)
    return torch.as_tensor([known[token] for token in tokens] or [known["<unk>"]])


def pad_batch(sequences):
    lengths = torch.tensor([len(sequence) for sequence in sequences], dtype=torch.int64)
    if lengths.numel() == 0:
        raise ValueError("an empty list")
    return Padded(pad_sequence(sequences, batch_first=True), lengths)
