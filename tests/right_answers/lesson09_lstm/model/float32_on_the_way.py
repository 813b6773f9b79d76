"""Losses and probabilities go through float32, the second through NumPy too; forget bias 1; the loop is a generator."""
import numpy as np
import torch
from torch import nn


class SimpleLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)
        with torch.no_grad():
            self.lstm.bias_ih_l0[hidden_size : 2 * hidden_size] += 1.0
        self.notes = {"made": torch.rand(1).item()}

    def forward(self, x):
        steps = self.lstm(x)[0].unbind(dim=1)
        return self.fc(steps[-1])


def steps_of_training(model, x, y, epochs, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        loss = nn.BCEWithLogitsLoss()(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield np.float32(loss.item())


def train_classifier(model, x, y, epochs=50, lr=0.01):
    model.train()
    return [float(loss) for loss in steps_of_training(model, x, y, epochs, lr)]


def predict_proba(model, x):
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    with torch.no_grad():
        logits = model(x)
    numbers = 1 / (1 + np.exp(-np.clip(logits.numpy(), -700, 700)))
    for module, mode in modes:
        module.training = mode
    return torch.from_numpy(numbers.astype(np.float32)).to(logits.dtype)
