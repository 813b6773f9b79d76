"""Runs the LSTM over the padding too and gathers the last words; NumPy's permutations; Adam by hand; whole words dropped."""
import numpy as np
import torch
from torch import nn


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size, dropout=0.0):
        super().__init__()
        self.rate = dropout
        self.fc = nn.Linear(hidden_size, 1)
        self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)
        table = 0.3 * torch.randn(vocab_size, embed_dim)
        self.embedding = nn.Embedding.from_pretrained(table, freeze=False, padding_idx=0)

    def forward(self, tokens, lengths):
        vectors = self.embedding(tokens)
        if self.training and self.rate:
            kept = torch.rand(tokens.shape) >= self.rate
            vectors = vectors * kept.unsqueeze(2) / (1 - self.rate)
        output, _ = self.lstm(vectors)
        index = (lengths - 1).reshape(-1, 1, 1).expand(-1, 1, output.shape[2])
        return self.fc(output.gather(1, index)).flatten()


def train_sentiment(model, tokens, lengths, labels, epochs=5, lr=0.01, batch_size=32, seed=0, betas=(0.9, 0.999)):
    generator = np.random.default_rng(seed)
    parameters = list(model.parameters())
    first, second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))
    model.train()
    losses, step = [], 0
    for _ in range(epochs):
        order, total = torch.from_numpy(generator.permutation(len(labels))), 0.0
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            z = model(tokens[rows], lengths[rows])
            loss = (nn.functional.softplus(z) - z * labels[rows]).mean()
            step += 1
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, g, m, v in zip(parameters, gradients, first, second):
                    m.lerp_(g, 1 - betas[0])
                    v.mul_(betas[1]).addcmul_(g, g, value=1 - betas[1])
                    p -= lr * (m / (1 - betas[0] ** step)) / ((v / (1 - betas[1] ** step)).sqrt() + 1e-8)
            total += float(loss) * len(rows)
        losses.append(total / len(order))
    return losses


def accuracy(model, tokens, lengths, labels):
    was = model.training
    try:
        model.train(False)
        with torch.no_grad():
            positive = torch.sigmoid(model(tokens, lengths)) > 0.5
        return np.mean(positive.numpy() == (labels.numpy() == 1)).item()
    finally:
        model.train(was)
