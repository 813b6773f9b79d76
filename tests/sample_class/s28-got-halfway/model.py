import torch
from torch import nn


class SimpleLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        _, (h_n, _) = self.lstm(x)
        return self.fc(h_n[-1])


def train_classifier(model, x, y, epochs=50, lr=0.01):
    model.train()
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        history.append(float(loss))
        loss.backward()
        optimizer.step()
    return history


def predict_proba(model, x):
    mode = model.training
    model.eval()
    with torch.inference_mode():
        p = torch.sigmoid(model(x))
    return p.clone()
