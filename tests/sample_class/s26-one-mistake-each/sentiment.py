import torch
from torch import nn


class SentimentLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size, dropout=0.0):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
        self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)
        self.drop = nn.Dropout(dropout)
        self.fc = nn.Linear(hidden_size, 1)

    def forward(self, tokens, lengths):
        embedded = self.drop(self.embedding(tokens))
        h_n = self.lstm(embedded)[1][0]
        return self.fc(self.drop(h_n[0])).squeeze(1)


def train_sentiment(model, tokens, lengths, labels, epochs=5, lr=0.01, batch_size=32, seed=0):
    model.train()
    rng = torch.Generator()
    rng.manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(labels), generator=rng).split(batch_size):
            loss = nn.functional.binary_cross_entropy_with_logits(model(tokens[chosen], lengths[chosen]), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
        losses.append(total / len(labels))
    return losses


@torch.no_grad()
def accuracy(model, tokens, lengths, labels):
    was_training = model.training
    model.eval()
    positive = model(tokens, lengths) > 0
    model.train(was_training)
    return (positive == (labels > 0.5)).double().mean().item()
