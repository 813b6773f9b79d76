"""The optimizer is given a closure, the mode is kept by a decorator, the model is left in eval mode and prints."""
import functools

import torch
import torch.nn.functional as F
from torch import nn


def in_eval_mode(function):
    @functools.wraps(function)
    def wrapped(model, *args, **options):
        was = model.training
        try:
            with torch.inference_mode():
                return function(model.eval(), *args, **options).clone()
        finally:
            model.train(was)

    return wrapped


class Recurrent(nn.Module):
    def forward(self, x, verbose=False):
        everything, (h, c) = self.lstm(x)
        if verbose:
            print(everything.shape, h.shape, c.shape)
        return F.linear(h.transpose(0, 1).flatten(1), self.fc.weight, self.fc.bias)


class SimpleLSTM(Recurrent):
    def __init__(self, input_size, hidden_size, output_size, *, seed=None):
        super().__init__()
        self.add_module("fc", nn.Linear(hidden_size, output_size))
        self.add_module("lstm", nn.LSTM(input_size, hidden_size, 1, True, True))
        for name, parameter in self.lstm.named_parameters():
            (nn.init.orthogonal_ if "weight" in name else nn.init.zeros_)(parameter)


def train_classifier(model, x, y, epochs=50, lr=0.01, optimizer=None):
    optimizer = optimizer or torch.optim.Adam([{"params": [p]} for p in model.parameters()], lr=lr, foreach=False)

    def closure():
        model.zero_grad()
        z = model(x)
        loss = -(y * F.logsigmoid(z) + (1 - y) * F.logsigmoid(-z)).mean()
        loss.backward()
        return loss

    history = []
    while len(history) < epochs:
        model.train()
        history += [optimizer.step(closure).detach().tolist()]
        model.eval()
        print("epoch", len(history))
    return history


@in_eval_mode
def predict_proba(model, x):
    return model(x).sigmoid()
