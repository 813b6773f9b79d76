"""Layers without a bias, an LSTM with a buffer of its own, Adam and clipping by hand, and training in float64."""
import torch
from torch import nn


def adding_problem(batch_size, length, generator):
    if length < 2:
        raise ValueError(length)
    x = torch.zeros(batch_size, length, 2)
    x[:, :, 0] = torch.rand(batch_size, length, generator=generator)
    for steps in torch.arange(length).tensor_split([length // 2]):
        marked = torch.rand(batch_size, len(steps), generator=generator).argmax(dim=1) + steps[0]
        x[torch.arange(batch_size), marked, 1] = 1
    return x, x.prod(dim=2).sum(dim=1, keepdim=True)


class CountingLSTM(nn.LSTM):
    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **options)
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x):
        self.calls += 1
        return super().forward(x)


class SequenceRegressor(nn.Module):
    def __init__(self, kind, input_size, hidden_size):
        super().__init__()
        match kind:
            case "rnn":
                layer = nn.RNN
            case "lstm":
                layer = CountingLSTM
            case "gru":
                layer = nn.GRU
            case _:
                raise ValueError(kind)
        self.fc = nn.Linear(hidden_size, 1, bias=False)
        self.rnn = layer(input_size, hidden_size, batch_first=True, bias=kind != "gru")

    def forward(self, x):
        return self.fc(self.rnn(x)[1][0][-1]) if isinstance(self.rnn, nn.LSTM) else self.fc(self.rnn(x)[1][-1])


def train_on_adding(kind, length, steps, hidden_size=32, batch_size=32, lr=0.01, clip_norm=1.0, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = SequenceRegressor(kind, 2, hidden_size).double()
    weights = list(model.parameters())
    first, second = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
    losses = []
    for step in range(1, steps + 1):
        x, y = (part.double() for part in adding_problem(batch_size, length, generator))
        loss = ((model(x) - y) ** 2).mean()
        gradients = torch.autograd.grad(loss, weights)
        norm = sum((gradient**2).sum() for gradient in gradients).sqrt()
        factor = (clip_norm / norm).clamp(max=1)
        with torch.no_grad():
            for weight, gradient, m, v in zip(weights, gradients, first, second, strict=True):
                m.lerp_(factor * gradient, 0.1)
                v.lerp_((factor * gradient) ** 2, 0.001)
                weight -= lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
        losses.append(loss.item())
    return model, losses
