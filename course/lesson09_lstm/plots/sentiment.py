"""Your classifier, trained on 1,500 real reviews, reads two sentences word by word."""

import re
from collections import Counter
from pathlib import Path

import torch

SENTENCES = ("the first half is boring but the end is wonderful", "the first half is wonderful but the end is boring")
REVIEWS, LONGEST = 1500, 30


def words(text):
    return re.findall(r"[a-z0-9']+", text.lower())[:LONGEST]


def draw(student, figure):
    text = (Path(__file__).parents[1] / "data" / "reviews_train.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in text if not line.startswith("#")]
    rows = [(float(row[0]), words(row[-1])) for row in rows if row[0].lstrip("+-").replace(".", "", 1).isdigit()][
        :REVIEWS
    ]
    counts = Counter(word for _, review in rows for word in review)
    number = {word: place for place, (word, _) in enumerate(counts.most_common(3000), start=2)}

    def padded(reviews):
        tokens = torch.zeros(len(reviews), max(map(len, reviews)), dtype=torch.int64)
        for row, review in zip(tokens, reviews, strict=True):
            row[: len(review)] = torch.tensor([number.get(word, 1) for word in review])
        return tokens, torch.tensor([len(review) for review in reviews])

    rows = [(label, review) for label, review in rows if review]
    model = student.SentimentLSTM(3002, 32, 32)
    labels = torch.tensor([float(label > 0) for label, _ in rows])
    student.train_sentiment(model, *padded([review for _, review in rows]), labels, epochs=4)
    model.eval()
    figure.suptitle("Two sentences, read word by word")
    for axes, sentence in zip(figure.subplots(2, 1, sharey=True), SENTENCES, strict=True):
        read = words(sentence)
        with torch.no_grad():
            logits = model(*padded([read[: end + 1] for end in range(len(read))])).tolist()
        axes.bar(range(len(read)), logits, color=["#0072B2" if logit > 0 else "#D55E00" for logit in logits])
        axes.set_xticks(range(len(read)), read)
        axes.axhline(0, color="#777777", linewidth=1)
        axes.set_ylabel("logit so far")
