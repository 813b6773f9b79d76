"""A dataset of its own in a DataLoader with a generator; the global generator is forked; the rest sits in helpers."""
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset


class Review(NamedTuple):
    tokens: Tensor
    length: Tensor
    label: Tensor


class Reviews(Dataset):
    def __init__(self, *columns):
        self.columns = columns

    def __len__(self):
        return len(self.columns[0])

    def __getitem__(self, place):
        return Review(*(column[place] for column in self.columns))


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size, dropout=0.0):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, 0)
        self.lstm = nn.LSTM(embed_dim, hidden_size, 1, batch_first=True)
        self.dropouts = nn.ModuleList(nn.Dropout(dropout) for _ in range(2))
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, tokens, lengths):
        vectors = self.dropouts[0](self.embedding(tokens))
        reviews = [vectors[row, : lengths[row]] for row in range(len(tokens))]
        _, (h, _) = self.lstm(pack_sequence(reviews, enforce_sorted=False))
        return self.fc(self.dropouts[1](h[-1]))[:, 0]


def train_sentiment(model, tokens, lengths, labels, epochs=5, lr=0.01, batch_size=32, seed=0):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    generator = torch.Generator()
    generator.manual_seed(seed)
    loader = DataLoader(Reviews(tokens, lengths, labels), batch_size, shuffle=True, generator=generator)
    with torch.random.fork_rng():
        return [one_epoch(model, loader, optimizer) for _ in range(epochs)]


def one_epoch(model, loader, optimizer, loss_of=nn.BCEWithLogitsLoss(reduction="sum")):
    model.train()
    total = count = 0
    for batch in loader:
        loss = loss_of(model(batch.tokens, batch.length), batch.label)
        (loss / len(batch.label)).backward()
        optimizer.step()
        optimizer.zero_grad()
        total, count = total + loss.detach(), count + len(batch.label)
    model.eval()
    return (total / count).item()


@torch.no_grad()
def accuracy(model, tokens, lengths, labels):
    flags = [part.training for part in model.modules()]
    model.eval()
    answers = torch.where(model(tokens, lengths) > 0, 1.0, 0.0)
    for part, flag in zip(model.modules(), flags):
        part.training = flag
    return (answers - labels).abs().lt(0.5).float().mean().double().item()
