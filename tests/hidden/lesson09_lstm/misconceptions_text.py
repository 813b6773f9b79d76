"""Typical wrong answers to `text`, as edits of the reference."""

from grader.suite.writing import misconception

TEXT = "Training on text data"
FIND = 'return re.findall(r"[a-z0-9\']+", text.lower())'
KEY = "key=lambda word: (-counts[word], word)"

# tokenize

misconception(
    "tokenize_keeps_case",
    "Your tokenize keeps capitals, so Good and good become two words and each is learned from half of the examples. Lower "
    "the text.",
    see=TEXT, within="tokenize", edits=(FIND, "return re.findall(r\"[A-Za-z0-9']+\", text)"),
)  # fmt: skip
misconception(
    "tokenize_loses_capitals",
    "Your tokenize looks for lower-case letters in a text that still has capitals, so Great becomes reat. Lower the text "
    "first, then look for tokens.",
    see=TEXT, within="tokenize", edits=("text.lower()", "text"),
)  # fmt: skip
misconception(
    "tokenize_splits_at_spaces",
    "Your tokenize cuts at white space only, so punctuation sticks to the words: movie, and movie! would be two words. A "
    "token holds nothing but letters, digits and apostrophes.",
    see=TEXT, within="tokenize", edits=(FIND, "return text.lower().split()"),
)  # fmt: skip
misconception(
    "tokenize_strips_punctuation",
    "Your tokenize cuts at white space and strips punctuation from the ends. Punctuation inside, as in well-made or "
    "good...but, stays: look for runs of the allowed characters instead.",
    see=TEXT, within="tokenize",
    edits=(FIND, "words = [word.strip('.,!?;:\"()<>/-_ ') for word in text.lower().split()]\n"
                 "    return [word for word in words if word]"),
)  # fmt: skip
misconception(
    "tokenize_deletes_punctuation",
    "Your tokenize deletes what is no letter, digit, apostrophe or space, so the words on both sides grow together: well-made "
    "becomes wellmade. Such a character separates tokens.",
    see=TEXT, within="tokenize", edits=(FIND, "return re.sub(r\"[^a-z0-9'\\s]\", '', text.lower()).split()"),
)  # fmt: skip
misconception(
    "tokenize_by_word_characters",
    r"Your tokenize uses \w without the apostrophe: don't falls into don and t, and the underscore counts as a letter. "
    "Spell out the characters that may be in a token.",
    see=TEXT, within="tokenize", edits=(FIND, r"return re.findall(r'\w+', text.lower())"),
)  # fmt: skip
misconception(
    "tokenize_underscores",
    r"Your tokenize uses \w, which is more than letters and digits: the underscore and the letters of every alphabet are in "
    "it. Spell out a to z, 0 to 9 and the apostrophe.",
    see=TEXT, within="tokenize", edits=(FIND, "return re.findall(r\"[\\w']+\", text.lower())"),
)  # fmt: skip
misconception(
    "tokenize_all_alphabets",
    "Your tokenize takes letters of every alphabet (str.isalnum, or \\w). A token holds ASCII only: at an é the token ends.",
    see=TEXT, within="tokenize",
    edits=(FIND, "kept = (letter if letter.isalnum() or letter == \"'\" else ' ' for letter in text.lower())\n"
                 "    return ''.join(kept).split()"),
)  # fmt: skip
misconception(
    "tokenize_without_digits",
    "Your tokenize leaves the digits out, so 2001 vanishes and x7 becomes x. Digits belong to tokens, as letters do.",
    see=TEXT, within="tokenize", edits=("[a-z0-9']+", "[a-z']+"),
)  # fmt: skip
misconception(
    "tokenize_without_apostrophes",
    "Your tokenize cuts at the apostrophe: don't falls into don and t, and the negation is lost. The apostrophe is part of a "
    "token.",
    see=TEXT, within="tokenize", edits=("[a-z0-9']+", "[a-z0-9]+"),
)  # fmt: skip
misconception(
    "tokenize_strips_apostrophes",
    "Your tokenize takes apostrophes off the ends of tokens. They belong to the run wherever they stand: 'tis stays 'tis.",
    see=TEXT, within="tokenize",
    edits=(FIND, "words = [word.strip(\"'\") for word in re.findall(r\"[a-z0-9']+\", text.lower())]\n"
                 "    return [word for word in words if word]"),
)  # fmt: skip
misconception(
    "tokenize_characters",
    "Your tokenize gives single characters. A token is a run of them, as long as it can be: the pattern needs a +.",
    see=TEXT, within="tokenize", edits=("[a-z0-9']+", "[a-z0-9']"),
)  # fmt: skip
misconception(
    "tokenize_keeps_empty",
    "Your tokenize gives empty tokens where the text begins or ends with something else (re.split does this). Leave them out.",
    see=TEXT, within="tokenize", edits=("re.findall(r\"[a-z0-9']+\"", "re.split(r\"[^a-z0-9']+\""),
)  # fmt: skip
misconception(
    "tokenize_once_each",
    "Your tokenize gives every word once. Repetitions count, and so does the order: the LSTM reads the text as it was written.",
    see=TEXT, within="tokenize",
    edits=(FIND, "return list(dict.fromkeys(re.findall(r\"[a-z0-9']+\", text.lower())))"),
)  # fmt: skip
misconception(
    "tokenize_sorted",
    "Your tokenize sorts the tokens. Keep their order: the LSTM reads the text as it was written.",
    see=TEXT, within="tokenize", edits=(FIND, "return sorted(re.findall(r\"[a-z0-9']+\", text.lower()))"),
)  # fmt: skip

# build_vocab

misconception(
    "vocab_without_specials",
    "Your build_vocab has no <pad> and <unk>. Padding and unknown words need numbers of their own: 0 and 1.",
    see=TEXT, within="build_vocab", edits=('["<pad>", "<unk>", *words]', "words"),
)  # fmt: skip
misconception(
    "vocab_swaps_specials",
    "Your build_vocab has the two specials swapped: <pad> is 0, because padding is made of zeros, and <unk> is 1.",
    see=TEXT, within="build_vocab", edits=('"<pad>", "<unk>"', '"<unk>", "<pad>"'),
)  # fmt: skip
misconception(
    "vocab_specials_last",
    "Your build_vocab puts <pad> and <unk> at the end. They come first, as 0 and 1, however many words there are.",
    see=TEXT, within="build_vocab",
    edits=('["<pad>", "<unk>", *words][:max_size]',
           '[*words[: None if max_size is None else max_size - 2], "<pad>", "<unk>"]'),
)  # fmt: skip
misconception(
    "vocab_counts_from_one",
    "Your build_vocab starts counting at 1. The first entry, <pad>, is 0.",
    see=TEXT, within="build_vocab", edits=("*words][:max_size])", "*words][:max_size], start=1)"),
)  # fmt: skip
misconception(
    "vocab_skips_a_number",
    "Your build_vocab leaves a number out: after <pad> 0 and <unk> 1 the first word is 2.",
    see=TEXT, within="build_vocab",
    edits=('return {word: number for number, word in enumerate(["<pad>", "<unk>", *words][:max_size])}',
           'numbers = enumerate(words[: None if max_size is None else max_size - 2], start=3)\n'
           '    return {"<pad>": 0, "<unk>": 1} | {word: number for number, word in numbers}'),
)  # fmt: skip
misconception(
    "vocab_rare_first",
    "Your build_vocab puts the rare words first. The most frequent word gets the smallest number, so that max_size drops the "
    "rare ones.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: (counts[word], word)"),
)  # fmt: skip
misconception(
    "vocab_ties_as_met",
    "Your build_vocab leaves equally frequent words in the order in which they were met (Counter.most_common does). Ties go in "
    "alphabetical order, so that the same words always get the same numbers.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: -counts[word]"),
)  # fmt: skip
misconception(
    "vocab_ties_reversed",
    "Your build_vocab sorts ties from z to a: reverse=True turns both around, the frequency and the word. Sort by "
    "(-frequency, word) instead.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: (counts[word], word), reverse=True"),
)  # fmt: skip
misconception(
    "vocab_ties_without_case",
    "Your build_vocab sorts ties as if capitals were small letters. The order is by code point, as Python compares strings: "
    "Z comes before a.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: (-counts[word], word.lower(), word)"),
)  # fmt: skip
misconception(
    "vocab_alphabetical",
    "Your build_vocab goes by the alphabet alone. Frequency comes first, the alphabet only decides between equals.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: word"),
)  # fmt: skip
misconception(
    "vocab_in_order_met",
    "Your build_vocab numbers the words as it meets them. Count first: the most frequent word comes first.",
    see=TEXT, within="build_vocab", edits=(KEY, "key=lambda word: 0"),
)  # fmt: skip
misconception(
    "vocab_counts_texts",
    "Your build_vocab counts in how many texts a word occurs. A word that one text repeats counts every time.",
    see=TEXT, within="build_vocab", edits=("for token in tokens)", "for token in set(tokens))"),
)  # fmt: skip
misconception(
    "vocab_of_first_text",
    "Your build_vocab looks at the first text only. Count the tokens of all texts together.",
    see=TEXT, within="build_vocab", edits=("for tokens in token_lists", "for tokens in token_lists[:1]"),
)  # fmt: skip
misconception(
    "vocab_min_freq_too_strict",
    "Your build_vocab leaves out words that occur exactly min_freq times. Only rarer ones go: >= and not >.",
    see=TEXT, within="build_vocab",
    edits=("counts[word] >= min_freq", "counts[word] > (min_freq if min_freq > 1 else 0)"),
)  # fmt: skip
misconception(
    "vocab_min_freq_off_by_one",
    "Your build_vocab asks for more than min_freq occurrences, so that with min_freq=1 all words that occur once are lost. A "
    "word stays if it occurs min_freq times or more.",
    see=TEXT, within="build_vocab", edits=(">= min_freq", "> min_freq"),
)  # fmt: skip
misconception(
    "vocab_ignores_min_freq",
    "Your build_vocab ignores min_freq: words rarer than that should be left out, and read as <unk> later.",
    see=TEXT, within="build_vocab", edits=("if counts[word] >= min_freq", ""),
)  # fmt: skip
misconception(
    "vocab_ignores_max_size",
    "Your build_vocab ignores max_size: the vocabulary should have no more entries than that.",
    see=TEXT, within="build_vocab", edits=("[:max_size]", ""),
)  # fmt: skip
misconception(
    "vocab_max_size_without_specials",
    "Your build_vocab lets max_size count the words alone. <pad> and <unk> count too: max_size=10 leaves room for 8 words.",
    see=TEXT, within="build_vocab",
    edits=("[:max_size]", "[: None if max_size is None else max_size + 2]"),
)  # fmt: skip
misconception(
    "vocab_max_size_off_by_one",
    "Your build_vocab has one entry fewer than max_size allows.",
    see=TEXT, within="build_vocab", edits=("[:max_size]", "[: None if max_size is None else max(2, max_size - 1)]"),
)  # fmt: skip
misconception(
    "vocab_max_size_of_the_alphabet",
    "Your build_vocab cuts to max_size before it sorts by frequency, so that frequent words may be lost. Sort first, then cut.",
    see=TEXT, within="build_vocab",
    edits=("sorted((word for word in counts if counts[word] >= min_freq)",
           "sorted(sorted(w for w in counts if counts[w] >= min_freq)[: None if max_size is None else max_size - 2]"),
)  # fmt: skip

# encode


misconception(
    "encode_drops_unknown",
    "Your encode leaves unknown words out. They become <unk>: the network should see that a word stood there.",
    see=TEXT, within="encode",
    edits=("[vocab.get(token, vocab[\"<unk>\"]) for token in tokens]", "[vocab[token] for token in tokens if token in vocab]"),
)  # fmt: skip
misconception(
    "encode_unknown_as_pad",
    "Your encode makes unknown words 0, which is <pad>: they would be taken for the end of the text. They are <unk>, 1.",
    see=TEXT, within="encode", edits=("vocab.get(token, vocab[\"<unk>\"])", "vocab.get(token, 0)"),
)  # fmt: skip
misconception(
    "encode_unknown_raises",
    "Your encode fails on words that are not in the vocabulary. There will always be some: vocab.get(word, 1) gives <unk> for them.",
    see=TEXT, within="encode", edits=("vocab.get(token, vocab[\"<unk>\"])", "vocab[token]"),
)  # fmt: skip
misconception(
    "encode_learns_words",
    "Your encode adds unknown words to the vocabulary. The embedding has no rows for them; the vocabulary stays as it is, and "
    "they become <unk>.",
    see=TEXT, within="encode", edits=("vocab.get(token, vocab[\"<unk>\"])", "vocab.setdefault(token, len(vocab))"),
)  # fmt: skip
misconception(
    "encode_empty_is_empty",
    "Your encode gives an empty tensor for a text without words. An LSTM needs at least one step: give one <unk>.",
    see=TEXT, within="encode", edits=("numbers or [vocab[\"<unk>\"]]", "numbers"),
)  # fmt: skip
misconception(
    "encode_empty_is_pad",
    "Your encode gives <pad> for a text without words. Give one <unk>, 1: padding is never a step of a text.",
    see=TEXT, within="encode", edits=("numbers or [vocab[\"<unk>\"]]", "numbers or [vocab[\"<pad>\"]]"),
)  # fmt: skip
misconception(
    "encode_floats",
    "Your encode gives floats. Numbers of words are indices into the embedding, so they are int64.",
    see=TEXT, within="encode", edits=("dtype=torch.int64", "dtype=torch.float32"),
)  # fmt: skip
misconception(
    "encode_int32",
    "Your encode gives int32. A LongTensor is int64.",
    see=TEXT, within="encode", edits=("dtype=torch.int64", "dtype=torch.int32"),
)  # fmt: skip
misconception(
    "encode_extra_dimension",
    "Your encode adds a dimension. The numbers of one text are (T,); the batch is made later, by pad_batch.",
    see=TEXT, within="encode",
    edits=("return torch.tensor(numbers or [vocab[\"<unk>\"]], dtype=torch.int64)",
           "return torch.tensor([numbers or [vocab[\"<unk>\"]]], dtype=torch.int64)"),
)  # fmt: skip
misconception(
    "encode_list",
    "Your encode gives a list. Make a tensor of it: torch.tensor(numbers).",
    see=TEXT, within="encode",
    edits=("return torch.tensor(numbers or [vocab[\"<unk>\"]], dtype=torch.int64)", "return numbers or [vocab[\"<unk>\"]]"),
)  # fmt: skip
misconception(
    "encode_sorted",
    "Your encode sorts the numbers. They keep the order of the words: that order is what an LSTM reads.",
    see=TEXT, within="encode", edits=("tensor(numbers or", "tensor(sorted(numbers) or"),
)  # fmt: skip

# pad_batch

misconception(
    "pad_in_front",
    "Your pad_batch puts the padding in front. It comes at the end: lengths count from the first step.",
    see=TEXT, within="pad_batch", edits=("row[: len(sequence)]", "row[-len(sequence) :]"),
)  # fmt: skip
misconception(
    "pad_with_unk",
    "Your pad_batch pads with 1, which is <unk>. Padding is 0.",
    see=TEXT, within="pad_batch", edits=("torch.zeros", "torch.ones"),
)  # fmt: skip
misconception(
    "pad_cuts_to_shortest",
    "Your pad_batch cuts all sequences to the length of the shortest. No step may be lost: T_max is the longest.",
    see=TEXT, within="pad_batch",
    edits=(("int(lengths.max())", "int(lengths.min())"), ("= sequence\n", "= sequence[: tokens.shape[1]]\n")),
)  # fmt: skip
misconception(
    "pad_one_too_many",
    "Your pad_batch has a column of padding that no sequence needs: T_max is the length of the longest sequence.",
    see=TEXT, within="pad_batch", edits=("int(lengths.max())", "int(lengths.max()) + 1"),
)  # fmt: skip
misconception(
    "pad_time_first",
    "Your pad_batch gives tokens as (T_max, B). The batch comes first: pad_sequence needs batch_first=True.",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens.T.contiguous(), lengths"),
)  # fmt: skip
misconception(
    "pad_sorts_by_length",
    "Your pad_batch sorts the sequences by length. They keep their order, or each would get another one's label.",
    see=TEXT, within="pad_batch",
    edits=("    lengths = torch", "    sequences = sorted(sequences, key=len, reverse=True)\n    lengths = torch"),
)  # fmt: skip
misconception(
    "pad_sorts_in_place",
    "Your pad_batch sorts the caller's own list (list.sort). The sequences keep their order, and the list is not yours to "
    "change.",
    see=TEXT, within="pad_batch",
    edits=("    lengths = torch", "    sequences.sort(key=len, reverse=True)\n    lengths = torch"),
)  # fmt: skip
misconception(
    "pad_lengths_after_padding",
    "The lengths of your pad_batch are those after padding, all the same. They should say how long each sequence was before.",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens, torch.full_like(lengths, tokens.shape[1])"),
)  # fmt: skip
misconception(
    "pad_lengths_count_nonzero",
    "Your pad_batch counts what is not 0. A 0 inside of a sequence is a step too: take the sequence's own length.",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens, (tokens != 0).sum(dim=1)"),
)  # fmt: skip
misconception(
    "pad_lengths_as_list",
    "The lengths of your pad_batch are a list; they should be an int64 tensor.",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens, lengths.tolist()"),
)  # fmt: skip
misconception(
    "pad_lengths_as_column",
    "The lengths of your pad_batch have the shape (B, 1); they should be (B,).",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens, lengths.unsqueeze(1)"),
)  # fmt: skip
misconception(
    "pad_floats",
    "Your pad_batch gives floats: torch.zeros makes float32 unless you say dtype=torch.int64.",
    see=TEXT, within="pad_batch", edits=(", dtype=torch.int64", ""),
)  # fmt: skip
misconception(
    "pad_without_lengths",
    "Your pad_batch gives the tokens alone. Without the lengths nobody knows where the padding begins: return (tokens, lengths).",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return tokens"),
)  # fmt: skip
misconception(
    "pad_swaps_results",
    "Your pad_batch gives (lengths, tokens); the order is (tokens, lengths).",
    see=TEXT, within="pad_batch", edits=("return tokens, lengths", "return lengths, tokens"),
)  # fmt: skip
misconception(
    "pad_nothing_is_empty",
    "Your pad_batch gives an empty batch for an empty list. There is nothing to compute with: raise a ValueError.",
    see=TEXT, within="pad_batch",
    edits=('raise ValueError("there are no sequences to pad")',
           "return torch.zeros(0, 0, dtype=torch.int64), torch.zeros(0, dtype=torch.int64)"),
)  # fmt: skip
misconception(
    "pad_nothing_is_another_error",
    "Your pad_batch lets PyTorch fail on an empty list, with a RuntimeError. Check for it first, and raise a ValueError.",
    see=TEXT, within="pad_batch",
    edits=('    if not sequences:\n        raise ValueError("there are no sequences to pad")\n',
           "    torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)\n"),
)  # fmt: skip
