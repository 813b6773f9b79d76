"""A scanner with states that is an object; a Counter that is emptied word by word; a batch filled through a mask."""
from collections import Counter, OrderedDict

import torch


class Tokenizer:
    """Reads character by character."""

    def __call__(self, text):
        found, start = [], None
        for place, letter in enumerate(text.lower() + " "):
            inside = letter == "'" or (letter.isascii() and letter.isalnum())
            if inside and start is None:
                start = place
            elif not inside and start is not None:
                found.append(text.lower()[start:place])
                start = None
        return found


tokenize = Tokenizer()


class Missing(ValueError):
    pass


def build_vocab(token_lists, min_freq=1, max_size=None, specials=("<pad>", "<unk>")):
    counter = sum((Counter(tokens) for tokens in token_lists), Counter())
    vocab = OrderedDict((special, number) for number, special in enumerate(specials))
    while counter and (max_size is None or len(vocab) < max_size):
        most = max(counter.values())
        if most < min_freq:
            break
        word = min(word for word, count in counter.items() if count == most)
        vocab[word] = len(vocab)
        del counter[word]
    return vocab


def encode(tokens, vocab):
    return torch.LongTensor([vocab.get(token, vocab["<unk>"]) for token in (tokens or ["<unk>"])])


def pad_batch(sequences):
    try:
        lengths = torch.stack([torch.as_tensor(sequence.shape[0]) for sequence in sequences])
    except RuntimeError as error:
        raise Missing("no sequences") from error
    tokens = torch.zeros((len(sequences), int(lengths.max())), dtype=torch.long)
    tokens[torch.arange(tokens.shape[1])[None] < lengths[:, None]] = torch.cat(list(sequences))
    return tokens, lengths
