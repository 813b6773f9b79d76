"""Examples for `model`. Run them with `pytest` or `grader check model`."""

import torch
from torch import nn

from grader.suite.writing import assert_same, assert_shape, expect

# Four sequences of two steps with one input, and their labels: 1 where the numbers of the sequence add up to more than 0.
SEQUENCES = torch.tensor([[[1.0], [2.0]], [[-1.0], [0.5]], [[0.5], [0.5]], [[-2.0], [1.0]]])
LABELS = torch.tensor([[1.0], [0.0], [1.0], [0.0]])


def linear_model(student, weights, bias):
    """A model that needs no LSTM: one logit, a weighted sum of the two steps."""
    linear = student.far_side("torch.nn.Linear")(2, 1)
    linear.load_state_dict({"weight": torch.tensor([weights]), "bias": torch.tensor([bias])})
    return student.far_side("torch.nn.Sequential")(student.far_side("torch.nn.Flatten")(), linear)


def test_submodules(student):
    """SimpleLSTM(3, 5, 2) has an nn.LSTM named lstm and an nn.Linear named fc"""
    model = student.SimpleLSTM(3, 5, 2)
    expect(isinstance(model.lstm, nn.LSTM), "model.lstm should be an nn.LSTM.")
    expect(isinstance(model.fc, nn.Linear), "model.fc should be an nn.Linear.")
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    wanted = {
        "lstm.weight_ih_l0": (20, 3), "lstm.weight_hh_l0": (20, 5),
        "lstm.bias_ih_l0": (20,), "lstm.bias_hh_l0": (20,),
        "fc.weight": (2, 5), "fc.bias": (2,),
    }  # fmt: skip
    for name, shape in wanted.items():
        expect(name in shapes, f"The state_dict has no {name}.", got=name)
        assert_same(shapes[name], shape, f"the shape of {name}")


def test_shape(student):
    """One row of logits for each sequence, also for a single sequence of a single step"""
    model = student.SimpleLSTM(3, 5, 2)
    for batch, steps in ((4, 6), (1, 1)):
        assert_shape(model(torch.ones(batch, steps, 3)), (batch, 2), "the tensor of logits")


def test_last_step(student):
    """The logits are fc of what the LSTM gives at the last step"""
    model = student.SimpleLSTM(3, 5, 2)
    state = model.state_dict()
    model.load_state_dict({name: torch.arange(t.numel()).sin().reshape(t.shape) for name, t in state.items()})
    x = torch.tensor([[[1.0, 0.0, -1.0], [0.5, 2.0, 0.0]], [[0.0, 1.0, 1.0], [-1.0, 0.0, 3.0]]])
    _, (last_hidden, _) = model.lstm(x)
    wanted = model.fc(last_hidden[0])
    assert_same(model(x), wanted, "the tensor of logits")


def test_losses_of_training(student):
    """The first loss is that of the model as it comes, here with all logits 1; the next is smaller"""
    losses = student.train_classifier(linear_model(student, [0.0, 0.0], 1.0), SEQUENCES, LABELS, epochs=2, lr=0.1)
    assert_same(losses, [0.81326, 0.72165], "the list of losses", rtol=1e-3)


def test_training_trains(student):
    """Afterwards the model's weights have moved: Adam's first step is lr for each, up or down"""
    model = linear_model(student, [0.0, 0.0], 1.0)
    student.train_classifier(model, SEQUENCES, LABELS, epochs=1, lr=0.1)
    moved = {"1.weight": torch.tensor([[0.1, -0.1]]), "1.bias": torch.tensor([0.9])}
    assert_same(model.state_dict(), moved, "the state_dict after one epoch with lr=0.1", atol=1e-3)


def test_probabilities(student):
    """predict_proba is the sigmoid of the logits, and carries no gradient"""
    model = linear_model(student, [1.0, 0.0], 0.0)
    wanted = torch.sigmoid(torch.tensor([[1.0], [-1.0], [0.5], [-2.0]]))
    got = student.predict_proba(model, SEQUENCES)
    assert_same(got, wanted, "the tensor of probabilities")
    expect(not got.requires_grad, "The probabilities should carry no gradient.")


def test_mode_comes_back(student):
    """predict_proba leaves a model in train mode in train mode, and one in eval mode in eval mode"""
    model = linear_model(student, [1.0, 0.0], 0.0)
    for training in (True, False):
        model.train(training)
        student.predict_proba(model, SEQUENCES)
        assert_same(model.training, training, "model.training after predict_proba")
