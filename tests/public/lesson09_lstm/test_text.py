"""Examples for `text`. Run them with `pytest` or `grader check text`."""

import torch

from grader.suite.writing import assert_same, expect, unchanged

BATCH = ("tokens", "lengths")


def in_order(vocab):
    """A vocabulary in the order of its words: how a dict is ordered does not matter."""
    return dict(sorted(vocab.items(), key=str)) if isinstance(vocab, dict) else vocab


def test_tokenize(student):
    """Tokens are runs of letters, digits and apostrophes, in lower case"""
    assert_same(student.tokenize("Don't panic: it's 42!"), ["don't", "panic", "it's", "42"], "the list of tokens")
    assert_same(student.tokenize("well-made,café"), ["well", "made", "caf"], "the list of tokens")
    assert_same(student.tokenize("?!"), [], "the list of tokens")


def test_vocabulary(student):
    """<pad> is 0, <unk> is 1, then the most frequent word; b comes three times, c twice, a once"""
    vocab = student.build_vocab([["b", "a", "c"], ["b", "c", "b"]])
    assert_same(in_order(vocab), {"<pad>": 0, "<unk>": 1, "a": 4, "b": 2, "c": 3}, "the vocabulary")


def test_vocabulary_in_parts(student):
    """Words rarer than min_freq are left out, and no more than max_size entries are kept"""
    frequent = student.build_vocab([["b", "a", "c"], ["b", "c", "b"]], min_freq=3)
    assert_same(in_order(frequent), {"<pad>": 0, "<unk>": 1, "b": 2}, "the vocabulary with min_freq=3")
    small = student.build_vocab([["b", "a", "c"], ["b", "c", "b"]], max_size=4)
    assert_same(in_order(small), {"<pad>": 0, "<unk>": 1, "b": 2, "c": 3}, "the vocabulary with max_size=4")


def test_encode(student):
    """A word that the vocabulary does not know is <unk>, and no words at all are one <unk>"""
    vocab = {"<pad>": 0, "<unk>": 1, "good": 2, "film": 3}
    assert_same(student.encode(["good", "old", "film"], vocab), torch.tensor([2, 1, 3]), "the encoded text")
    assert_same(student.encode([], vocab), torch.tensor([1]), "the encoded empty text")


def test_pad_batch(student):
    """Shorter sequences are filled up with zeros at the end, and lengths says how long they were"""
    batch = student.pad_batch([torch.tensor([5, 6, 7]), torch.tensor([8])])
    assert_same(batch, (torch.tensor([[5, 6, 7], [8, 0, 0]]), torch.tensor([3, 1])), "the batch", names=BATCH)


def test_pad_nothing(student):
    """An empty list of sequences is a ValueError"""
    try:
        got = student.pad_batch([])
    except ValueError:
        got = ValueError
    expect(got is ValueError, "pad_batch([]) should raise a ValueError.", got=got)


def test_arguments_stay(student):
    """The lists and tensors that a function is given are the same afterwards"""
    lists, vocab, sequences = [["b", "a"]], {"<pad>": 0, "<unk>": 1, "a": 2}, [torch.tensor([3]), torch.tensor([5, 6])]
    with unchanged(token_lists=lists):
        student.build_vocab(lists)
    with unchanged(tokens=lists[0], vocab=vocab):
        student.encode(lists[0], vocab)
    with unchanged(sequences=sequences):
        student.pad_batch(sequences)
