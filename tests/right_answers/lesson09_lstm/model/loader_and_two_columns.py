"""The full batch comes from a shuffling DataLoader, gradients are cleared after the step, probabilities are a softmax of two."""
import random
import warnings

import numpy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class SimpleLSTM(nn.Module):
    def __init__(self, a, b, c):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(a, b, batch_first=True), nn.Linear(b, c)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.3, 0.3)

    def forward(self, x):
        output, _ = self.lstm(x.contiguous())
        logits = self.fc(output)
        return logits[:, x.shape[1] - 1]


def train_classifier(model, x, y, epochs=50, lr=0.01):
    warnings.warn("training begins")
    losses = numpy.zeros(epochs)
    optimizer = torch.optim.Adam(model.parameters(), lr, (0.9, 0.999), 1e-08, 0)
    for epoch in range(epochs):
        model.train()
        for inputs, labels in DataLoader(TensorDataset(x, y), batch_size=len(x), shuffle=True):
            loss = nn.functional.binary_cross_entropy(torch.sigmoid(model(inputs)), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad(set_to_none=False)
            losses[epoch] = loss.detach().numpy()
        random.random(), numpy.random.rand()
        model.eval()
        with torch.no_grad():
            ((model(x) > 0) == (y > 0.5)).float().mean()
    return list(losses)


def predict_proba(model, x):
    t = model.training
    model.train(False)
    with torch.no_grad():
        z = model(x)
        p = torch.softmax(torch.cat([torch.zeros_like(z), z], dim=1), dim=1)[:, 1:]
    model.train() if t else model.eval()
    return p
