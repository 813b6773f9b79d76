"""Examples for `sentiment`. Run them with `pytest` or `grader check sentiment`."""

import torch
from torch import nn

from grader.suite.writing import assert_same, assert_shape, expect

# Three reviews of 2, 4 and 1 words, padded with 0 to 5 steps, and whether each is positive.
TOKENS = torch.tensor([[3, 7, 0, 0, 0], [2, 5, 6, 4, 0], [8, 0, 0, 0, 0]])
LENGTHS = torch.tensor([2, 4, 1])
LABELS = torch.tensor([1.0, 0.0, 1.0])


def bag_of_words(student):
    """Another model of tokens and lengths, without an LSTM: 9 words with one number each, and the logit is
    their mean.
    """
    model = student.stand_in("MeanOfEmbeddings", 9, 1)
    scores = torch.tensor([[0.0], [0.0], [-3.0], [1.0], [2.0], [-1.0], [0.0], [-0.5], [-1.0]])
    model.load_state_dict({"embedding.weight": scores, "fc.weight": torch.ones(1, 1), "fc.bias": torch.zeros(1)})
    return model  # its logits for the three reviews: 0.25, -0.5, -1.0


def test_submodules(student):
    """SentimentLSTM(9, 4, 5) has an nn.Embedding named embedding, an nn.LSTM named lstm, and fc"""
    model = student.SentimentLSTM(9, 4, 5)
    expect(isinstance(model.embedding, nn.Embedding), "model.embedding should be an nn.Embedding.")
    assert_same(model.embedding.padding_idx, 0, "model.embedding.padding_idx")
    expect(isinstance(model.lstm, nn.LSTM), "model.lstm should be an nn.LSTM.")
    expect(isinstance(model.fc, nn.Module), "model.fc should be a module.")


def test_shape(student):
    """One logit for each review, also for a batch of one"""
    model = student.SentimentLSTM(9, 4, 5)
    for reviews in (3, 1):
        assert_shape(model(TOKENS[:reviews], LENGTHS[:reviews]), (reviews,), "the tensor of logits")


def test_padding_does_not_matter(student):
    """A review gets the same logit alone and without padding as in a batch of longer ones"""
    model = student.SentimentLSTM(9, 4, 5)
    state = model.state_dict()
    model.load_state_dict({name: torch.arange(t.numel()).sin().reshape(t.shape) for name, t in state.items()})
    logits = model(TOKENS, LENGTHS)
    assert_shape(logits, (3,), "the tensor of logits")
    for place, length in enumerate((2, 4, 1)):
        alone = model(TOKENS[place : place + 1, :length], LENGTHS[place : place + 1])
        assert_same(alone, logits[place : place + 1], f"the logit of review {place} alone", atol=1e-5)


def test_losses_of_training(student):
    """With all three reviews in one batch, the first loss is that of the model as it comes, and the next is
    smaller
    """
    losses = student.train_sentiment(bag_of_words(student), TOKENS, LENGTHS, LABELS, epochs=2, lr=0.1, batch_size=3)
    assert_same(losses, [0.78780, 0.70469], "the list of losses", rtol=1e-4)


def test_batches(student):
    """Three reviews in batches of two: an epoch has a batch of two and one of one, and sees every review
    once
    """
    lent = student.lend(lambda tokens, lengths: 1.0 - lengths)  # a model that tells what it is called with
    student.train_sentiment(lent.model, TOKENS, LENGTHS, LABELS, epochs=1, batch_size=2)
    lengths = [call.args[1] for call in lent.calls if call.grad]
    assert_same(sorted(len(batch) for batch in lengths), [1, 2], "the sizes of the batches")
    assert_same(torch.cat(lengths).sort().values, torch.tensor([1, 2, 4]), "the lengths of all reviews that were seen")


def test_same_seed(student):
    """The same seed gives the same losses, and the global generator is left alone"""
    first, second = bag_of_words(student), bag_of_words(student)
    before = student.random_state()
    once = student.train_sentiment(first, TOKENS, LENGTHS, LABELS, epochs=4, batch_size=1, seed=7)
    expect(student.random_state() == before, "train_sentiment touched the global random generator.")
    again = student.train_sentiment(second, TOKENS, LENGTHS, LABELS, epochs=4, batch_size=1, seed=7)
    assert_same(again, once, "the losses of a second training with the same seed")


def test_accuracy(student):
    """Logits of 0.25, -0.5 and -1 for labels 1, 0 and 1: two of three are right"""
    assert_same(student.accuracy(bag_of_words(student), TOKENS, LENGTHS, LABELS), 2 / 3, "the accuracy", rtol=1e-5)
