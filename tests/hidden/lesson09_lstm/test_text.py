"""Hidden suite of `text`. Words and separators are drawn anew, so that no list of tokens can be known beforehand."""

import torch

from grader.sandbox.proxy import type_name
from grader.suite.writing import Mismatch, assert_same, points, unchanged

PIECES = ["a", "an", "it's", "'tis", "o'", "x7", "2001", "007", "the", "movie", "Great", "BAD", "don't", "i", "Z"]
SEPARATORS = [
    " ",
    "  ",
    ", ",
    ".",
    "... ",
    " - ",
    "-",
    "\n",
    "\t",
    "!?",
    "_",
    "/",
    '"',
    " (",
    ") ",
    "<br />",
    ";",
    ": ",
]
# Letters outside of ASCII whose lower case holds no ASCII letter either, so that it is all one whether a solution
# lowers before or after it looks for tokens.
FOREIGN = ["é", "ü", "ñ", "Ö", "Å", "ж", "Ш", "中", "α", "ø"]
BATCH = ("tokens", "lengths")


def words(draw, count):
    """Distinct words in random order, some of them with an upper-case letter, which sorts before all lower-case ones."""
    some = [draw.choice("abcxyzBQ'79") + "".join(draw.choice("abmz'5") for _ in range(3)) for _ in range(3 * count)]
    return draw.shuffled(sorted(set(some)))[:count]


def texts(draw, counts):
    """Lists of tokens in which each word occurs as often as `counts` says; no frequency shows in the first text alone."""
    tokens = draw.shuffled([word for word, count in counts.items() for _ in range(count)])
    cuts = sorted(draw.integer(0, len(tokens)) for _ in range(3))
    return [tokens[start:end] for start, end in zip([0, *cuts], [*cuts, len(tokens)], strict=True)]


def by_number(vocab):
    """The entries in the order of their numbers: the order of the dict itself is nobody's business."""
    if type_name(vocab) != "dict" or not all(type(number) is int for number in vocab.values()):
        return vocab
    return dict(sorted(vocab.items(), key=lambda entry: (entry[1], str(entry[0]))))


def check_vocab(student, reference, token_lists, what, **options):
    expected = reference.build_vocab(token_lists, **options)
    got = student.build_vocab(token_lists, **options)
    assert_same(by_number(got), expected, what)


def vocabulary(draw, count=9):
    return {"<pad>": 0, "<unk>": 1} | {word: number for number, word in enumerate(words(draw, count), start=2)}


def sequences(draw, lengths):
    return [draw.integers(length, low=2, high=500) for length in lengths]


@points(1)
def test_tokenize(student, reference, draw):
    """tokenize finds the runs of letters, digits and apostrophes in their order, in lower case"""
    for _ in range(3):
        chosen = [*draw.shuffled(PIECES), *draw.shuffled(PIECES)[: len(SEPARATORS) - len(PIECES)]]
        separated = zip(chosen, draw.shuffled(SEPARATORS), strict=True)  # every separator shows in every text
        text = draw.choice(SEPARATORS) + "".join(piece + separator for piece, separator in separated)
        right = reference.tokenize(text)
        assert_same(student.tokenize(text), right, "the list of tokens")


@points(0.5)
def test_tokenize_rare_texts(student, reference, draw):
    """tokenize copes with empty texts and with letters that are not ASCII"""
    for text in ("", " \n", "?! -- ...", draw.choice(PIECES)):
        right = reference.tokenize(text)
        assert_same(student.tokenize(text), right, "the list of tokens of a short text")
    inside = "".join(f"{piece}{draw.choice(FOREIGN)}" for piece in draw.shuffled(PIECES))
    for text in (f"{inside}_{inside}", " ".join(draw.shuffled(FOREIGN)), f"{draw.choice(FOREIGN)}{inside} {inside}"):
        right = reference.tokenize(text)
        assert_same(student.tokenize(text), right, "the list of tokens of a text with foreign letters")


@points(1.5)
def test_build_vocab(student, reference, draw):
    """build_vocab numbers the words by falling frequency, ties in alphabetical order, after <pad> and <unk>"""
    for _ in range(2):
        counts = dict(zip(words(draw, 12), (1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 11, 12), strict=True))
        counts |= {"Zoo": 2, "ant": 2}  # by code point, capitals come first
        check_vocab(student, reference, texts(draw, counts), "the vocabulary")
    repeated, spread = words(draw, 2)
    lists = [[repeated] * 4, [spread], [spread], [spread]]  # in more texts, but less often
    check_vocab(student, reference, lists, "the vocabulary where one text repeats a word")


@points(0.5)
def test_build_vocab_min_freq(student, reference, draw):
    """build_vocab leaves out the words rarer than min_freq, and only those"""
    counts = dict(zip(words(draw, 9), (1, 1, 2, 2, 3, 3, 4, 5, 6), strict=True))
    for frequency in (2, draw.integer(3, 5), 7):
        check_vocab(student, reference, texts(draw, counts), "the vocabulary with min_freq", min_freq=frequency)


@points(0.5)
def test_build_vocab_max_size(student, reference, draw):
    """build_vocab keeps max_size entries at most, <pad> and <unk> included"""
    counts = dict(zip(words(draw, 9), (1, 1, 2, 2, 3, 3, 4, 5, 6), strict=True))
    lists = texts(draw, counts)
    for size in (draw.integer(4, 8), 3, 2, 11, 30):
        check_vocab(student, reference, lists, "the vocabulary with max_size", max_size=size)
    check_vocab(student, reference, lists, "the vocabulary with both limits", min_freq=3, max_size=5)
    check_vocab(student, reference, lists, "the vocabulary with both limits", min_freq=4, max_size=9)


@points(0.5)
def test_build_vocab_with_care(student, reference, draw):
    """build_vocab leaves its lists alone, remembers nothing, and gives the two specials where there are no words"""
    for lists in ([words(draw, 3), words(draw, 4), []], [words(draw, 2)]):
        with unchanged(token_lists=lists):
            check_vocab(student, reference, lists, "the vocabulary")
    for lists in ([], [[], []]):
        check_vocab(student, reference, lists, "the vocabulary of no words")


@points(1)
def test_encode(student, reference, draw):
    """encode gives the words' numbers in their order, as int64"""
    for length in (7, 1, 30):
        vocab = vocabulary(draw)
        known = list(vocab)[2:]
        tokens = [draw.choice(known) for _ in range(length)]
        with unchanged(tokens=tokens, vocab=vocab):
            right = reference.encode(tokens, vocab)
            assert_same(student.encode(tokens, vocab), right, "the tensor of numbers")


@points(0.5)
def test_encode_unknown(student, reference, draw):
    """encode gives <unk> for words that it does not know, and one <unk> for no words"""
    vocab = vocabulary(draw)
    unknown = [f"{word}q" for word in words(draw, 4)]  # `words` never makes a q at the end
    tokens = draw.shuffled([*list(vocab)[2:], *unknown])
    with unchanged(tokens=tokens, vocab=vocab):
        right = reference.encode(tokens, vocab)
        assert_same(student.encode(tokens, vocab), right, "the numbers of known and unknown words")
    right = reference.encode(unknown, vocab)
    assert_same(student.encode(unknown, vocab), right, "the numbers of unknown words")
    right = reference.encode([], vocab)
    assert_same(student.encode([], vocab), right, "the numbers of an empty text")


@points(1)
def test_pad_batch(student, reference, draw):
    """pad_batch fills up with 0 at the end, keeps the order, and says how long each sequence was"""
    for lengths in ((3, 7, 1, 5), (2, 2, 2), (4,), (1, 6)):
        batch = sequences(draw, lengths)
        right = reference.pad_batch(batch)
        assert_same(student.pad_batch(batch), right, "the batch", names=BATCH)


@points(0.5)
def test_pad_batch_with_care(student, reference, draw):
    """pad_batch leaves its sequences alone, and a 0 inside of a sequence counts as a step"""
    batch = sequences(draw, (4, 2, 6))
    with unchanged(sequences=batch):
        right = reference.pad_batch(batch)
        assert_same(student.pad_batch(batch), right, "the batch", names=BATCH)
    batch = [torch.stack([tensor, tensor], dim=1)[:, 0] for tensor in batch]
    right = reference.pad_batch(batch)
    assert_same(student.pad_batch(batch), right, "the batch of non-contiguous sequences", names=BATCH)
    batch = [tensor.clone() for tensor in batch]
    batch[0][-1] = batch[2][draw.integer(0, 5)] = 0
    right = reference.pad_batch(batch)
    assert_same(student.pad_batch(batch), right, "the batch with a 0 inside", names=BATCH)


@points(0.5)
def test_pad_batch_refuses(student):
    """pad_batch of an empty list is a ValueError"""
    try:
        got = student.pad_batch([])
    except ValueError:
        return
    raise Mismatch("An empty list of sequences has no batch: raise a ValueError.", got=got)
