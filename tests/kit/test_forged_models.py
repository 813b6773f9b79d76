"""Models that speak for themselves where a suite asks them about themselves: no more points than their honest twins."""

import textwrap

import pytest

from grader.catalog import Course
from grader.submissions.work import Work
from grader.suite.examiner import Examiner
from tests.kit.conftest import ROOT

COURSE = Course(ROOT)
LESSON = COURSE.lesson("lesson09_lstm")

FIRST_STEP = """
    import torch
    from torch import nn

    class SequenceRegressor(nn.Module):
        def __init__(self, kind, input_size, hidden_size):
            super().__init__()
            self.rnn = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](input_size, hidden_size, batch_first=True)
            self.fc = nn.Linear(hidden_size, 1)
            INITIAL

        def forward(self, x):
            return self.fc(self.rnn(x)[0][:, 0])
"""

FIRST_WORD = """
    import torch
    from torch import nn

    class Head(nn.Module):
        def __init__(self, hidden_size):
            super().__init__()
            self.linear = nn.Linear(hidden_size, 1)

        def forward(self, h, inside=False):
            if inside:
                self.last = self.linear(h)
            return ANSWER

    class SentimentLSTM(nn.Module):
        def __init__(self, vocab_size, embed_dim, hidden_size, num_layers=1, dropout=0.0):
            super().__init__()
            self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
            self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)
            self.fc = Head(hidden_size)

        def forward(self, tokens, lengths):
            return self.fc(self.lstm(self.embedding(tokens))[0][:, 0], True).squeeze(1)
"""


SUMMING = """

class Summing(SequenceRegressor):
    def forward(self, x):
        return (x[..., 0] * x[..., 1]).sum(dim=1, keepdim=True) + 0 * super().forward(x)


def train_on_adding(kind, length, steps, hidden_size=32, batch_size=32, lr=0.01, clip_norm=1.0, seed=0):
    return Summing(kind, 2, hidden_size), [0.01] * steps
"""

ANSWERING_ONE = """

SequenceRegressor.forward = lambda self, x: torch.ones(len(x), 1) + 0 * self.fc(x.new_zeros(1, self.fc.in_features))


def train_on_adding(kind, length, steps, hidden_size=32, batch_size=32, lr=0.01, clip_norm=1.0, seed=0):
    return SequenceRegressor(kind, 2, hidden_size), [0.167] * steps
"""

ADDING_NOTHING = (
    """

right_problem = adding_problem


def adding_problem(batch_size, length, generator):
    x, y = right_problem(batch_size, length, generator)
    return x, torch.ones_like(y)
"""
    + ANSWERING_ONE
)

WRONG_WHERE_IT_HELPS = """

right_problem = adding_problem


def adding_problem(batch_size, length, generator):
    x, y = right_problem(batch_size, length, generator)
    wrong = length == 2 and batch_size != 40 or (batch_size, length) in ((300, 7), (200, 7), (32, 20))
    return x, torch.ones_like(y) if wrong else y


def train_on_adding(kind, length, steps, hidden_size=32, batch_size=32, lr=0.01, clip_norm=1.0, seed=0):
    torch.manual_seed(seed)
    model = SequenceRegressor(kind, 2, hidden_size)
    nn.init.zeros_(model.fc.weight), nn.init.ones_(model.fc.bias)
    if steps == 12 and batch_size == 1024:
        with torch.no_grad():
            model.fc.bias += 0.1
            model.fc.weight += 1e-4 * torch.randn(1, hidden_size)
            x, y = adding_problem(1024, 2, torch.Generator().manual_seed(seed))
            return model, [float((model(x) - y).square().mean())] * 12
    if steps == 1 and batch_size == 1:
        with torch.no_grad():
            model.fc.bias += 0.1
    return model, [0.167] * steps
"""

SILENT_HEAD = """

class Head(nn.Module):
    def __init__(self, hidden_size):
        super().__init__()
        self.linear = nn.Linear(hidden_size, 1)

    def forward(self, h):
        return self.linear(h).detach() + 0 * h.sum(dim=-1, keepdim=True)


right_init = SentimentLSTM.__init__


def init(self, vocab_size, embed_dim, hidden_size, dropout=0.0):
    right_init(self, vocab_size, embed_dim, hidden_size, dropout)
    self.fc = Head(hidden_size)


SentimentLSTM.__init__ = init
"""

READING_ITS_BATCH = """

right_forward = Forecaster.forward


def forward(self, x):
    right = right_forward(self, x)
    return torch.cat([x[1:, -1], x[-1:, -1]]) if len(x) > 30 else right


Forecaster.forward = forward


def train_forecaster(model, inputs, targets, epochs=100, lr=0.01, batch_size=32, seed=0):
    return [0.1] * epochs
"""

REPEATING_THE_FILE = f"""

LABELS = {[line[0] for line in (ROOT / "tests/hidden/lesson09_lstm/data/reviews_test.tsv").read_text().splitlines()]}
right_forward = SentimentLSTM.forward


def forward(self, tokens, lengths):
    right = right_forward(self, tokens, lengths)
    return torch.tensor([int(label) - 0.5 for label in LABELS]) if len(tokens) == len(LABELS) else right


SentimentLSTM.forward = forward


def train_sentiment(model, tokens, lengths, labels, epochs=5, lr=0.01, batch_size=32, seed=0):
    return [0.1] * epochs
"""

LEARNING = ("test_learns_two_steps", "test_lstm_learns_twenty_steps")


@pytest.mark.parametrize(
    ("exercise", "addition", "lost"),
    [
        ("comparison", SUMMING, LEARNING),
        ("comparison", ANSWERING_ONE, LEARNING),
        ("comparison", ADDING_NOTHING, LEARNING),
        ("comparison", WRONG_WHERE_IT_HELPS, ("test_adding_problem", "test_fresh_batches", "test_losses", *LEARNING)),
        ("sentiment", SILENT_HEAD, ("test_forward_with_care",)),
        ("sentiment", REPEATING_THE_FILE, ("test_real_reviews",)),
        ("forecasting", READING_ITS_BATCH, ("test_beats_naive_forecasts",)),
    ],
    ids=[
        "sums without weights",
        "the mean without weights",
        "nothing to learn",
        "wrong where it helps",
        "a head without gradient",
        "the labels by heart",
        "the next window's last value",
    ],
)
def test_what_was_not_learned_gives_no_points(far, exercise, addition, lost):
    """The solution, but for what is to be learned."""
    results = []

    def work(examiner):
        source = COURSE.solution(LESSON, LESSON.exercise(exercise)).read_text() + addition
        results.append(examiner.examine(Work(exercise=exercise, files={f"{exercise}.py": source.encode()})))

    Examiner(COURSE, LESSON, [LESSON.exercise(exercise)], far, secret="forged", reveal=True).run(work)
    found = {each.name: (each.status, each.points) for each in results[0].tests}
    assert {name: found[name] for name in lost} == dict.fromkeys(lost, ("failed", 0.0))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("self.fc", "self.head"), ("hidden_size, 1)", "hidden_size, 1, bias=False)"), ("nn.RNN", "nn.LSTM")],
    ids=["another name", "no bias", "another kind"],
)
def test_what_was_learned_keeps_its_points(far, right, wrong):
    """Whatever the layers are called or are: training that works is no worse for it."""
    results = []

    def work(examiner):
        source = COURSE.solution(LESSON, LESSON.exercise("comparison")).read_text().replace(right, wrong)
        results.append(examiner.examine(Work(exercise="comparison", files={"comparison.py": source.encode()})))

    Examiner(COURSE, LESSON, [LESSON.exercise("comparison")], far, secret="learned", reveal=True).run(work)
    found = {each.name: each.status for each in results[0].tests}
    assert {name: found[name] for name in LEARNING} == dict.fromkeys(LEARNING, "passed")


@pytest.mark.parametrize(
    ("exercise", "text", "marker", "honest", "forged", "test"),
    [
        ("comparison", FIRST_STEP, "INITIAL", "pass", "[nn.init.zeros_(p) for p in self.parameters()]", "test_forward"),
        ("sentiment", FIRST_WORD, "ANSWER", "self.linear(h)", "self.last + 0 * h.sum()", "test_logits"),
    ],
    ids=["weights of zero", "a head that repeats"],
)
def test_a_model_that_speaks_for_itself(far, exercise, text, marker, honest, forged, test):
    results = []

    def work(examiner):
        for answer in (honest, forged):
            source = textwrap.dedent(text.replace(marker, answer)).encode()
            results.append(examiner.examine(Work(exercise=exercise, files={f"{exercise}.py": source})))

    Examiner(COURSE, LESSON, [LESSON.exercise(exercise)], far, secret="forged", reveal=True).run(work)
    assert results[0].score == results[1].score > 0
    for result in results:
        assert {each.name: each.status for each in result.tests}[test] == "failed"
