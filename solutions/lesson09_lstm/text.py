"""Exercise 7: from words to padded batches.

A network reads numbers. Text becomes numbers in four steps: cut it into tokens, give every word a number, write each text
as its numbers, and put texts of different lengths into one tensor. Do not change the lists and tensors that you are given.
"""

import re
from collections import Counter

import torch
from torch import Tensor


def tokenize(text: str) -> list[str]:
    """The words of a text, in lower case.

    A token is a run of the letters a to z, the digits 0 to 9 and apostrophes ('), as long as it can be. Everything else,
    letters with an accent too, only stands between tokens.

    For "Don't panic: it's 42!" the tokens are ["don't", "panic", "it's", "42"]; a text without any gives [].
    """
    ### BEGIN SOLUTION
    return re.findall(r"[a-z0-9']+", text.lower())
    ### END SOLUTION


def build_vocab(token_lists: list[list[str]], min_freq: int = 1, max_size: int | None = None) -> dict[str, int]:
    """A number for every word: "<pad>" is 0, "<unk>" is 1, then come the words, the most frequent first.

    Args:
        token_lists: the tokens of each text. A word's frequency is how often it occurs in all of them together.
        min_freq: words that occur less often than this are left out.
        max_size: the most entries that the vocabulary may have, "<pad>" and "<unk>" included (2 or more); None means as
            many as there are.

    Returns:
        The number of each word. Words that are equally frequent come in alphabetical order, by code point (as Python
        compares strings). For [["b", "a", "c"], ["b", "c", "b"]] it is {"<pad>": 0, "<unk>": 1, "b": 2, "c": 3, "a": 4}; with
        min_freq=2, or with max_size=4, the same without "a".
    """
    ### BEGIN SOLUTION
    counts = Counter(token for tokens in token_lists for token in tokens)
    words = sorted((word for word in counts if counts[word] >= min_freq), key=lambda word: (-counts[word], word))
    return {word: number for number, word in enumerate(["<pad>", "<unk>", *words][:max_size])}
    ### END SOLUTION


def encode(tokens: list[str], vocab: dict[str, int]) -> Tensor:
    """The numbers of the tokens, in their order.

    Args:
        tokens: T words.
        vocab: as `build_vocab` makes it. A word that it does not know is "<unk>".

    Returns:
        (T,), int64. No tokens at all give one "<unk>", so that every text has at least one step. With the vocabulary
        {"<pad>": 0, "<unk>": 1, "good": 2} the tokens ["so", "good"] become tensor([1, 2]).
    """
    ### BEGIN SOLUTION
    numbers = [vocab.get(token, vocab["<unk>"]) for token in tokens]
    return torch.tensor(numbers or [vocab["<unk>"]], dtype=torch.int64)
    ### END SOLUTION


def pad_batch(sequences: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Sequences of different lengths in one tensor, filled up with 0 at the end.

    Args:
        sequences: B int64 tensors, each of one dimension and not empty.

    Returns:
        (tokens, lengths), both int64: tokens is (B, T_max), where T_max is the longest sequence's length, and lengths, (B,),
        says how long each sequence was. The sequences keep their order. tensor([5, 6, 7]) and tensor([8]) become
        tensor([[5, 6, 7], [8, 0, 0]]) and tensor([3, 1]).

    Raises:
        ValueError: there are no sequences.
    """
    ### BEGIN SOLUTION
    if not sequences:
        raise ValueError("there are no sequences to pad")
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    tokens = torch.zeros(len(sequences), int(lengths.max()), dtype=torch.int64)
    for row, sequence in zip(tokens, sequences, strict=True):
        row[: len(sequence)] = sequence
    return tokens, lengths
    ### END SOLUTION
