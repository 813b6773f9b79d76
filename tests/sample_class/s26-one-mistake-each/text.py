import re
from collections import Counter

import torch
from torch.nn.utils.rnn import pad_sequence


def tokenize(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def build_vocab(token_lists, min_freq=1, max_size=None):
    counts = Counter(token for tokens in token_lists for token in tokens)
    words = [w for w, n in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])) if n >= min_freq]
    words = [w for w in words if w not in ("<pad>", "<unk>")]
    if max_size is not None:
        words = words[: max_size - 2]
    return {word: number for number, word in enumerate(["<pad>", "<unk>"] + words)}


def encode(tokens, vocab):
    numbers = [vocab.get(token, 1) for token in tokens]
    return torch.LongTensor(numbers or [1])


def pad_batch(sequences):
    if len(sequences) == 0:
        raise ValueError("no sequences")
    lengths = torch.tensor([len(s) for s in sequences])
    return pad_sequence(list(sequences), batch_first=True), lengths
