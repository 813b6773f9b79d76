"""Without regular expressions and without library counters."""

import torch

LETTERS = set("abcdefghijklmnopqrstuvwxyz0123456789'")


def tokenize(text):
    tokens, word = [], ""
    for letter in text.lower() + " ":
        if letter in LETTERS:
            word += letter
        elif word:
            tokens.append(word)
            word = ""
    return tokens


def build_vocab(token_lists, min_freq=1, max_size=None):
    counts = {}
    for tokens in token_lists:
        for token in tokens:
            counts[token] = counts.get(token, 0) + 1
    words = sorted(counts)
    words.sort(key=counts.get, reverse=True)
    vocab = {"<pad>": 0, "<unk>": 1}
    for word in words:
        if counts[word] < min_freq or len(vocab) == max_size:
            break
        vocab.setdefault(word, len(vocab))
    return vocab


def encode(tokens, vocab):
    if not tokens:
        tokens = ["<unk>"]
    return torch.tensor([vocab[t] if t in vocab else vocab["<unk>"] for t in tokens])


def pad_batch(sequences):
    if not sequences:
        raise ValueError("an empty batch")
    longest = max(map(len, sequences))
    tokens = torch.zeros(len(sequences), longest, dtype=torch.long)
    for row, sequence in zip(tokens, sequences):
        row[: len(sequence)] = sequence
    return tokens, torch.tensor([len(sequence) for sequence in sequences])
