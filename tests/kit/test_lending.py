"""Models of the near side that student code calls: what it did with them is seen, not told."""

import pytest
import torch
from torch import nn

from grader.sandbox import lending
from grader.sandbox.farside import Limits
from grader.sandbox.proxy import StudentError, StudentStopped
from grader.suite.local import LocalStudent

WORK = """
    import copy
    import gc
    import threading
    import torch
    from torch import nn

    def call(model, *args, **named):
        return model(*args, **named)

    def call_quietly(model, x):
        model.eval()
        with torch.no_grad():
            return model(x)

    def learn(model, x, y, steps):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(steps):
            optimizer.zero_grad()
            (model(x) - y).square().mean().backward()
            optimizer.step()
        return model.bias.item()

    def call_a_copy(model, x):
        return copy.deepcopy(model)(x)

    def call_forever(model, x):
        while True:
            try:
                model(x)
            except BaseException:
                pass

    def call_with_too_much(model, x):
        for _ in range(20):
            model(x.expand(100_000, 3))

    def call_with_nothing(model, x):
        return model(x.new_empty(2**30, 3, 0))

    def call_wrongly(model, x):
        try:
            model(x[0])
        except RuntimeError:
            return model(x)

    def call_from_threads(model, x, threads):
        answers = {}

        def call(number):
            for turn in range(40):
                answers[number, turn] = model(x + number).tolist()

        threads = [threading.Thread(target=call, args=(number,)) for number in range(threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [[(number, answer) for (number, _), answer in sorted(answers.items())]]

    def forge(model, x):
        for thing in gc.get_objects():
            if isinstance(thing, (list, dict)) and "calls" in str(thing)[:200]:
                thing.clear()
        return x

    def lend_another(model, x):
        workers = [thing for thing in gc.get_objects() if type(thing).__name__ == "Worker"]
        return workers[0]._lend(7)(x)

    def put_off(model, x):
        global later
        later = lambda: model(x)
        return 1

"""


class Doubling(nn.Module):
    def forward(self, x, factor=2):
        return x[:, 0] * factor


@pytest.fixture
def work(open_session):
    work, session = open_session(WORK)
    session.begin_test(Limits(), 1)
    return work


X = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_calls_are_answered_and_seen(work):
    """The answer comes from here, with arguments in the order of the model's own parameters, and the modes of there."""
    lent = work.lend(Doubling())
    assert torch.equal(work.call(lent.model, X), X[:, 0] * 2)
    assert torch.equal(work.call(lent.model, factor=3, x=X), X[:, 0] * 3)
    assert torch.equal(work.call_quietly(lent.model, X[:1]), X[:1, 0] * 2)
    assert torch.equal(work.call_a_copy(lent.model, X), X[:, 0] * 2)
    assert [call.training for call in lent.calls] == [True, True, False, False]
    assert [call.grad for call in lent.calls] == [True, True, False, True]
    assert torch.equal(lent.calls[1].args[0], X)
    assert lent.calls[1].args[1] == 3
    assert torch.equal(lent.calls[2].args[0], X[:1])


def test_it_can_be_trained(work):
    """It has a parameter over there, and gradients reach it; behind the wall and without one."""
    x, y = torch.randn(5, 3), torch.randn(5)
    offset = float((y - 2 * x[:, 0]).mean())
    lent = work.lend(Doubling())
    assert work.learn(lent.model, x, y, 60) == pytest.approx(offset, abs=1e-4)
    assert len(lent.calls) == 60
    local = LocalStudent(work).lend(Doubling())
    optimizer = torch.optim.SGD(local.model.parameters(), lr=0.5)
    (local.model(x) - y).square().mean().backward()
    optimizer.step()
    assert local.model.bias.item() == pytest.approx(offset, abs=1e-4)
    assert [(call.training, call.grad) for call in local.calls] == [(True, True)]


@pytest.mark.parametrize("arguments", [(), (X, 2, 3), (X[0],), (X.long(), None)], ids=["none", "many", "form", "kind"])
def test_wrong_arguments_are_the_students_error(work, arguments):
    lent = work.lend(Doubling())
    with pytest.raises(StudentError, match=r"RuntimeError: (TypeError|IndexError)"):
        work.call(lent.model, *arguments)
    assert torch.equal(work.call(lent.model, X), X[:, 0] * 2)


def test_other_arguments_than_tensors_are_refused(work):
    with pytest.raises(StudentError, match="this model takes tensors, not str"):
        work.call(work.lend(Doubling()).model, "x")


def test_calls_without_end_are_ended(work, monkeypatch):
    """By their number, by the clocks, and by how much they hand over."""
    lent = work.lend(Doubling())
    with pytest.raises(StudentStopped, match="calls the model without end") as caught:
        work.call_forever(lent.model, X)
    assert caught.value.reason == "timeout"
    assert len(lent.calls) == lending.MOST_CALLS


def test_calls_with_too_much_are_ended(work):
    lent = work.lend(Doubling())
    with pytest.raises(StudentStopped, match="far more than it was given"):
        work.call_with_too_much(lent.model, X[:1])
    assert len(lent.calls) == 1


def test_empty_tensors_hold_as_much_as_their_other_sizes_tell(work):
    """Who goes through the rows of one would never come to an end."""
    lent = work.lend(Doubling())
    with pytest.raises(StudentStopped, match="far more than it was given"):
        work.call_with_nothing(lent.model, X)
    assert lent.calls == []


def test_what_was_not_answered_is_no_call(work):
    lent = work.lend(Doubling())
    assert torch.equal(work.call_wrongly(lent.model, X), X[:, 0] * 2)
    assert [call.args[0].shape for call in lent.calls] == [X.shape]


def test_threads_get_their_own_answers(work):
    lent = work.lend(Doubling())
    (answers,) = work.call_from_threads(lent.model, X, 4)
    assert len(answers) == len(lent.calls) == 160
    assert all(answer == [2 * (1 + number), 2 * (4 + number)] for number, answer in answers)


def test_the_clocks_are_looked_at(open_session, monkeypatch):
    monkeypatch.setattr(lending, "MOST_CALLS", 10**9)
    work, session = open_session(WORK)
    session.begin_test(Limits(seconds=0.5), 1)
    with pytest.raises(StudentStopped, match=r"more than 0\.5 seconds"):
        work.call_forever(work.lend(Doubling()).model, X)


def test_what_was_seen_cannot_be_changed_from_there(work):
    lent = work.lend(Doubling())
    work.call(lent.model, X)
    work.forge(lent.model, X)
    assert len(lent.calls) == 1


def test_a_model_that_was_not_lent(work):
    """Whoever asks for it speaks out of turn."""
    lent = work.lend(Doubling())
    with pytest.raises(StudentStopped, match="broke the worker"):
        work.lend_another(lent.model, X)


def test_a_loan_ends_with_its_test(open_session):
    work, session = open_session(WORK)
    session.begin_test(Limits(), 1)
    lent = work.lend(Doubling())
    assert work.put_off(lent.model, X) == 1
    session.begin_test(Limits(), 2)
    with pytest.raises(StudentStopped, match="broke the worker"):
        work.later()
    assert lent.calls == []
