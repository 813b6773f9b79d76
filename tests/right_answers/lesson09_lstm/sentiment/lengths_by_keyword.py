"""Gives lengths by keyword, sorts and trims each batch, shuffles by random.Random, and has two layers if it drops."""
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size, dropout=0.0, num_layers=None):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        num_layers = num_layers or (2 if dropout else 1)
        self.lstm = nn.LSTM(embed_dim, hidden_size, num_layers, batch_first=True, dropout=dropout)
        self.fc = nn.Sequential(nn.Tanh(), nn.Linear(hidden_size, 1))

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)
        output, lengths = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(output[torch.arange(len(lengths)), lengths - 1]).view(-1)


def train_sentiment(model, tokens, lengths, labels, epochs=5, lr=0.01, batch_size=32, seed=0):
    generator = random.Random(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        model.train()
        places = list(range(len(tokens)))
        generator.shuffle(places)
        losses = []
        while places:
            batch, places = places[:batch_size], places[batch_size:]
            batch.sort(key=lambda k: -int(lengths[k]))
            longest = int(lengths[batch].max())
            optimizer.zero_grad()
            logits = model(tokens[batch, :longest], lengths=lengths[batch])
            loss = nn.BCEWithLogitsLoss()(logits, labels[batch].to(logits.dtype))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history.append(sum(losses) / len(losses))
    model.eval()
    return history


def accuracy(model, tokens, lengths, labels):
    mode, right = model.training, 0
    model.eval()
    with torch.inference_mode():
        for part in torch.arange(len(labels)).split(7):
            right += int(((model(tokens[part], lengths=lengths[part]) > 0) == labels[part].bool()).sum())
    model.train(mode)
    return right / len(labels)
