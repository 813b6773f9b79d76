"""Translates what is no token into spaces; counts and sorts by NumPy; pads through a packed sequence."""
import string

import numpy as np
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

KEPT = string.ascii_lowercase + string.digits + "'"


class Vocabulary(dict):
    pass


def tokenize(text):
    text = text.lower()
    return text.translate({ord(letter): " " for letter in set(text) - set(KEPT)}).split()


def build_vocab(token_lists, min_freq=1, max_size=None):
    words = [word for tokens in token_lists for word in tokens]
    vocab = Vocabulary({"<pad>": 0, "<unk>": 1})
    if words:
        unique, counts = np.unique(np.array(words), return_counts=True)  # sorted by code point
        for place in np.argsort(-counts, kind="stable").tolist():
            if counts[place] >= min_freq and (max_size is None or len(vocab) < max_size):
                vocab[str(unique[place])] = len(vocab)
    return vocab


def encode(tokens, vocab):
    numbers = np.ones(max(1, len(tokens)), dtype=np.int64)
    numbers[: len(tokens)] = [vocab.get(token, 1) for token in tokens]
    return torch.from_numpy(numbers)


def pad_batch(sequences):
    if sequences == []:
        raise ValueError
    return pad_packed_sequence(pack_sequence(sequences, enforce_sorted=False), batch_first=True, padding_value=0)
