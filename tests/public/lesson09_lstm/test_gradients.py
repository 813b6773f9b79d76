"""Examples for `gradients`. Run them with `pytest` or `grader check gradients`."""

import math

import torch

from grader.suite.writing import Mismatch, assert_same, assert_shape, changes_shown, expect


def halving(dtype=torch.float32):
    """One unit that sees no input and keeps half of itself: h_t = tanh(0.5·h_{t-1}) stays at 0, with a slope of 0.5."""
    weight_ih, weight_hh = torch.zeros(1, 1, dtype=dtype), torch.full((1, 1), 0.5, dtype=dtype)
    return torch.zeros(1, 3, 1, dtype=dtype), weight_ih, weight_hh, *torch.zeros(2, 1, dtype=dtype)


def test_step_by_hand(student):
    """With zero weights a step is tanh of the two biases' sum, in the shape (B, H)"""
    weights = (torch.zeros(5, 3), torch.zeros(5, 5), torch.full((5,), 0.5), torch.full((5,), 0.5))
    h = student.rnn_step(torch.ones(2, 3), torch.ones(2, 5), *weights)
    assert_same(h, torch.full((2, 5), math.tanh(1)), "the new hidden state")


def test_rnn_halves(student):
    """A unit that keeps half of itself halves the gradient with each step back: 0.25, 0.5, 1"""
    for dtype in (torch.float32, torch.float64):
        norms = student.rnn_gradient_norms(*halving(dtype))
        assert_same(norms, torch.tensor([0.25, 0.5, 1.0], dtype=dtype), "the tensor of norms for h_1, h_2, h_3")


def test_last_norm(student):
    """At the last step every one of the B·H numbers has the gradient 1: the norm is √(B·H)"""
    weights = (torch.zeros(5, 3), torch.zeros(5, 5), torch.zeros(5), torch.zeros(5))
    norms = student.rnn_gradient_norms(torch.ones(2, 1, 3), *weights)
    assert_same(norms, torch.tensor([math.sqrt(10)]), "the tensor of norms for a single step")


def test_lstm_keeps_by_its_forget_bias(student):
    """An LSTM with zero weights passes on σ(forget bias) of the gradient: half of it for 0, most of it for 3"""
    for bias in (0.0, 3.0):
        biases = torch.tensor([0.0, bias, 0.0, 0.0])  # i, f, g, o of one unit
        norms = student.lstm_gradient_norms(
            torch.zeros(1, 3, 1), torch.zeros(4, 1), torch.zeros(4, 1), biases, torch.zeros(4)
        )
        f = 1 / (1 + math.exp(-bias))
        assert_same(norms, torch.tensor([f * f, f, 1.0]), f"the tensor of norms for a forget bias of {bias:g}")


def test_weights_get_no_grad(student):
    """The weights may require a gradient, but measuring gives them none"""
    x, *weights = halving()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    with changes_shown(*weights):
        norms = student.rnn_gradient_norms(x, *(tensor.requires_grad_() for tensor in weights))
    assert_shape(norms, (3,), "the tensor of norms")
    expect(not norms.requires_grad, "The norms should be detached: they are measured, nothing learns from them.", got=1)
    for name, tensor in zip(names, weights, strict=True):
        expect(tensor.grad is None, f"{name} has a .grad afterwards; measuring should leave none.", got=tensor.grad)


def test_forget_bias(student):
    """A half-life of 1 step needs no bias, one of 100 steps about 4.968; there is none of 0 steps"""
    for half_life, bias in ((1, 0.0), (10, 2.63424), (100, 4.96822)):
        assert_same(student.forget_bias_for(half_life), bias, f"the bias for {half_life} steps", rtol=1e-4, atol=1e-5)
    try:
        got = student.forget_bias_for(0)
    except ValueError:
        return
    raise Mismatch("forget_bias_for(0) should be a ValueError.", got=got)
