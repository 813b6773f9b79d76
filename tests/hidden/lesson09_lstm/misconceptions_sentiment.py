"""Typical wrong answers to `sentiment`, as edits of the reference."""

from grader.suite.writing import misconception

TEXT = "Training on text data"
STATES = "Cell state v hidden state"
TRAINING = "Building an LSTM model"

MODEL = "SentimentLSTM"
PACK = (
    "packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False)\n"
    "        _, (last_hidden, _) = self.lstm(packed)\n"
)
HEAD = "self.dropout(last_hidden[-1])"
UNPACKED = "output, _ = self.lstm(self.embedding(tokens))\n"

misconception(
    "padding_idx_missing",
    "Your nn.Embedding is made without padding_idx=0, so the padding gets a vector of its own, which is "
    "even trained.",
    see=TEXT, within=MODEL, edits=(", padding_idx=0", ""),
)  # fmt: skip
misconception(
    "padding_idx_one",
    "Your nn.Embedding takes token 1 for the padding. 1 is the unknown word; the padding is 0.",
    see=TEXT, within=MODEL, edits=("padding_idx=0", "padding_idx=1"),
)  # fmt: skip
misconception(
    "lstm_not_batch_first",
    "Your nn.LSTM is made without batch_first=True. Packed sequences happen to work with it all the same, "
    "but whoever uses model.lstm with a plain (B, T, …) tensor gets batch and time mixed up.",
    see=TEXT, within=MODEL,
    edits=("nn.LSTM(embed_dim, hidden_size, batch_first=True)", "nn.LSTM(embed_dim, hidden_size)"),
)  # fmt: skip
misconception(
    "lstm_bidirectional",
    "Your nn.LSTM also reads backwards. This model asks for one direction.",
    see=TEXT, within=MODEL,
    edits=(("hidden_size, batch_first=True)", "hidden_size, batch_first=True, bidirectional=True)"),
           ("nn.Linear(hidden", "nn.Linear(2 * hidden"),
           (HEAD, "self.dropout(torch.cat([last_hidden[0], last_hidden[1]], dim=1))")),
)  # fmt: skip
misconception(
    "packed_as_time_first",
    "pack_padded_sequence is called without batch_first=True, so it takes the batch for time. The "
    "embedded tokens are (B, T, D): say so.",
    see=TEXT, within=MODEL, edits=("lengths, batch_first=True, ", "lengths, "),
)  # fmt: skip
misconception(
    "packed_as_if_sorted",
    "pack_padded_sequence expects the longest review first, unless you give enforce_sorted=False. It then "
    "sorts by itself, and h_n comes back in your order.",
    see=TEXT, within=MODEL, edits=(", enforce_sorted=False", ""),
)  # fmt: skip
misconception(
    "sorted_and_not_restored",
    "Your forward sorts the reviews by length and forgets to sort the logits back, so the reviews get one "
    "another's logits. With enforce_sorted=False nothing need be sorted.",
    see=TEXT, within=MODEL,
    edits=(PACK,
           "lengths, order = lengths.sort(descending=True)\n"
           "        packed = pack_padded_sequence(self.embedding(tokens[order]), lengths, batch_first=True)\n"
           "        _, (last_hidden, _) = self.lstm(packed)\n"),
)  # fmt: skip
misconception(
    "lengths_sorted_alone",
    "Your forward sorts the lengths and leaves the tokens as they are, so the reviews are read to one "
    "another's lengths.",
    see=TEXT, within=MODEL,
    edits=("lengths, batch_first=True, enforce", "lengths.sort(descending=True).values, batch_first=True, "
                                                 "enforce"),
)  # fmt: skip
misconception(
    "reads_padded_last_step",
    "Your model answers from the last step of the padded tensor, so a short review is read on through its "
    "padding. Let the LSTM stop at each review's own length: pack_padded_sequence, or output[k, "
    "lengths[k] - 1].",
    see=TEXT, within=MODEL, edits=((PACK, UNPACKED), (HEAD, "self.dropout(output[:, -1])")),
)  # fmt: skip
misconception(
    "reads_end_of_unpacked",
    "Your model packs, unpacks, and then takes output[:, -1]. For all but the longest reviews that is a "
    "row of zeros: the last word's output is at lengths - 1, or in h_n.",
    see=TEXT, within=MODEL,
    edits=((PACK, PACK.replace("_, (last_hidden, _) = self.lstm(packed)",
                               "output, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], "
                               "batch_first=True)")),
           (HEAD, "self.dropout(output[:, -1])")),
)  # fmt: skip
misconception(
    "reads_first_step",
    "Your model answers from the first word of a review, which has seen nothing of the rest.",
    see=TEXT, within=MODEL, edits=((PACK, UNPACKED), (HEAD, "self.dropout(output[:, 0])")),
)  # fmt: skip
misconception(
    "reads_one_step_too_early",
    "Your model answers from the last word but one. With steps counted from 0, a review of n words ends "
    "at step n - 1.",
    see=TEXT, within=MODEL,
    edits=((PACK, UNPACKED),
           (HEAD, "self.dropout(output[torch.arange(len(lengths)), (lengths - 2).clamp(min=0)])")),
)  # fmt: skip
misconception(
    "reads_one_step_too_late",
    "Your model answers from step `lengths`, which is the first of the padding, or past the end. With "
    "steps counted from 0, a review of n words ends at step n - 1.",
    see=TEXT, within=MODEL,
    edits=((PACK, UNPACKED), (HEAD, "self.dropout(output[torch.arange(len(lengths)), lengths])")),
)  # fmt: skip
misconception(
    "mean_over_padding",
    "Your model averages the outputs of all steps, those of the padding too, so a logit changes with the "
    "padding. fc reads the last word's output.",
    see=TEXT, within=MODEL, edits=((PACK, UNPACKED), (HEAD, "self.dropout(output.mean(dim=1))")),
)  # fmt: skip
misconception(
    "mean_over_words",
    "Your model averages the outputs over a review's words. That can work well, but fc is to read the "
    "output at the last word.",
    see=TEXT, within=MODEL,
    edits=((PACK, UNPACKED + "        valid = (torch.arange(tokens.shape[1]) < "
                             "lengths.unsqueeze(1)).unsqueeze(2)\n"),
           (HEAD, "self.dropout((output * valid).sum(dim=1) / lengths.unsqueeze(1))")),
)  # fmt: skip
misconception(
    "maximum_over_steps",
    "Your model takes the largest value of each unit over all steps, those of the padding too. fc reads "
    "the last word's output.",
    see=TEXT, within=MODEL, edits=((PACK, UNPACKED), (HEAD, "self.dropout(output.max(dim=1).values)")),
)  # fmt: skip
misconception(
    "answers_from_cell_state",
    "Your model answers from the cell state c. What an LSTM shows to the next layer is its hidden state: "
    "it returns output, (h_n, c_n).",
    see=STATES, within=MODEL, edits=("(last_hidden, _)", "(_, last_hidden)"),
)  # fmt: skip
misconception(
    "keeps_layer_dimension",
    "h_n has the shape (layers, B, H), and your model hands all of it to fc. Take the last layer: "
    "h_n[-1].",
    see=STATES, within=MODEL, edits=("last_hidden[-1]", "last_hidden"),
)  # fmt: skip
misconception(
    "logits_not_squeezed",
    "Your logits are (B, 1). One number for each review is asked for, (B,), like the labels: squeeze(1).",
    see=TEXT, within=MODEL, edits=(".squeeze(1)", ""),
)  # fmt: skip
misconception(
    "squeezes_single_review",
    "Your model calls squeeze(), which removes every dimension of size 1, so a batch of one review loses "
    "its batch dimension. Say which one you mean: squeeze(1).",
    see=TEXT, within=MODEL, edits=(".squeeze(1)", ".squeeze()"),
)  # fmt: skip
misconception(
    "sigmoid_in_model",
    "Your model ends with a sigmoid. It should return logits: the loss applies the sigmoid itself, and no "
    "logit would ever be below 0.",
    see=TRAINING, within=MODEL,
    edits=("self.fc(self.dropout(last_hidden[-1])).squeeze(1)",
           "torch.sigmoid(self.fc(self.dropout(last_hidden[-1])).squeeze(1))"),
)  # fmt: skip
misconception(
    "relu_before_fc",
    "Your model puts a ReLU between the LSTM and fc, which throws away every negative half of the hidden "
    "state. fc reads the output as it is.",
    see=TEXT, within=MODEL, edits=(HEAD, "self.dropout(torch.relu(last_hidden[-1]))"),
)  # fmt: skip
misconception(
    "embedding_detached",
    "Your model cuts the embedded words out of the graph (.data, .detach() or no_grad), so the word "
    "vectors are never trained.",
    see=TEXT, within=MODEL, edits=("self.embedding(tokens)", "self.embedding(tokens).detach()"),
)  # fmt: skip
misconception(
    "dropout_missing",
    "Your model does not use its argument dropout: nothing is ever dropped.",
    see=TEXT, within=MODEL, edits=(HEAD, "last_hidden[-1]"),
)  # fmt: skip
misconception(
    "dropout_between_no_layers",
    "You hand dropout to nn.LSTM, which applies it between layers. With one layer there is no such place, "
    "so nothing is dropped: use nn.Dropout before fc, or on the embedded words.",
    see=TEXT, within=MODEL,
    edits=(("hidden_size, batch_first=True)", "hidden_size, batch_first=True, dropout=dropout)"),
           (HEAD, "last_hidden[-1]")),
)  # fmt: skip
misconception(
    "dropout_in_eval_mode",
    "Your model drops in eval mode too: F.dropout, or an nn.Dropout that is made inside forward, does not "
    "know the model's mode. Make nn.Dropout in __init__, or pass training=self.training.",
    see=TEXT, within=MODEL, edits=(HEAD, "nn.functional.dropout(last_hidden[-1], self.dropout.p)"),
)  # fmt: skip
misconception(
    "dropout_rate_fixed",
    "Your model drops at a rate of its own, even where dropout is 0. Use the argument.",
    see=TEXT, within=MODEL, edits=("nn.Dropout(dropout)", "nn.Dropout(0.5)"),
)  # fmt: skip

TRAIN = "train_sentiment"
ORDER = "torch.randperm(len(labels), generator=generator).split(batch_size)"
LOSS = "nn.functional.binary_cross_entropy_with_logits(logits, labels[batch])"
GENERATOR = "    generator = torch.Generator().manual_seed(seed)\n"

misconception(
    "last_batch_dropped",
    "Your training drops the last, smaller batch (drop_last=True, or N // batch_size batches), so some "
    "reviews are missed in every epoch.",
    see=TEXT, within=TRAIN,
    edits=(f"for batch in {ORDER}:",
           "order = torch.randperm(len(labels), generator=generator)\n"
           "        for k in range(len(labels) // batch_size if len(labels) >= batch_size else 1):\n"
           "            batch = order[k * batch_size : (k + 1) * batch_size]"),
)  # fmt: skip
misconception(
    "not_shuffled",
    "Your training takes the reviews in the order in which they are given. If that order has a meaning, "
    "such as all the positive ones first, every batch is one-sided: shuffle them.",
    see=TEXT, within=TRAIN, edits=(ORDER, "torch.arange(len(labels)).split(batch_size)"),
)  # fmt: skip
misconception(
    "batches_shuffled_only",
    "Your training shuffles the batches, but the same reviews always stay together. Shuffle the reviews, "
    "then cut them into batches.",
    see=TEXT, within=TRAIN,
    edits=(f"for batch in {ORDER}:",
           "batches = torch.arange(len(labels)).split(batch_size)\n"
           "        for place in torch.randperm(len(batches), generator=generator).tolist():\n"
           "            batch = batches[place]"),
)  # fmt: skip
misconception(
    "shuffled_once",
    "Your training shuffles once and then takes the same order in every epoch: either the permutation is "
    "drawn before the loop, or the generator is seeded anew in each epoch. Make the generator once, and "
    "draw from it in every epoch.",
    see=TEXT, within=TRAIN,
    edits=((GENERATOR, ""), ("        total = 0.0\n", "        generator = "
                                                      "torch.Generator().manual_seed(seed)\n        total "
                                                      "= 0.0\n")),
)  # fmt: skip
misconception(
    "drawn_with_replacement",
    "Your training draws the reviews of a batch at random with replacement (randint), so some come twice "
    "in an epoch and others not at all. A permutation (randperm) takes each one once.",
    see=TEXT, within=TRAIN,
    edits=("torch.randperm(len(labels), generator=generator)",
           "torch.randint(0, len(labels), (len(labels),), generator=generator)"),
)  # fmt: skip
misconception(
    "seeds_global_generator",
    "Your training seeds PyTorch's global generator (torch.manual_seed), which changes the random numbers "
    "of the whole program. Make one of your own: torch.Generator().manual_seed(seed).",
    see=TEXT, within=TRAIN,
    edits=((GENERATOR, "    torch.manual_seed(seed)\n"), (", generator=generator", "")),
)  # fmt: skip
misconception(
    "seed_ignored",
    "Your training shuffles with the global generator and never looks at seed, so no training can be "
    "repeated. Give randperm a generator that you make from the seed.",
    see=TEXT, within=TRAIN, edits=((GENERATOR, ""), (", generator=generator", "")),
)  # fmt: skip
misconception(
    "seed_fixed",
    "Your training makes its generator from a fixed number. Make it from the argument seed.",
    see=TEXT, within=TRAIN, edits=("manual_seed(seed)", "manual_seed(0)"),
)  # fmt: skip
misconception(
    "labels_not_shuffled",
    "Your training shuffles the reviews and leaves the labels in their old order, so the model is taught "
    "noise. Index tokens, lengths and labels with the same numbers.",
    see=TEXT, within=TRAIN,
    edits=((f"for batch in {ORDER}:",
            f"for start, batch in zip(range(0, len(labels), batch_size), {ORDER}):"),
           ("labels[batch])", "labels[start : start + len(batch)])")),
)  # fmt: skip
misconception(
    "lengths_not_shuffled",
    "Your training shuffles the tokens and leaves the lengths in their old order, so reviews are cut "
    "short or read on into the padding. Index tokens, lengths and labels with the same numbers.",
    see=TEXT, within=TRAIN,
    edits=((f"for batch in {ORDER}:",
            f"for start, batch in zip(range(0, len(labels), batch_size), {ORDER}):"),
           ("lengths[batch])", "lengths[start : start + len(batch)])")),
)  # fmt: skip
misconception(
    "one_step_an_epoch",
    "Your training takes one step at the end of an epoch. A step for every batch is asked for.",
    see=TRAINING, within=TRAIN,
    edits=(("            optimizer.zero_grad()\n", ""),
           ("            optimizer.step()\n", ""),
           ("        total = 0.0\n", "        total = 0.0\n        optimizer.zero_grad()\n"),
           ("        losses.append(", "        optimizer.step()\n        losses.append(")),
)  # fmt: skip
misconception(
    "batch_size_fixed",
    "Your training always takes batches of 32. That is only the default of the argument: use batch_size.",
    see=TEXT, within=TRAIN, edits=("split(batch_size)", "split(32)"),
)  # fmt: skip
misconception(
    "batch_means_divided_by_reviews",
    "Your epoch's loss adds up the mean losses of the batches and divides by the number of reviews. "
    "Multiply each by the size of its batch first, or divide by the number of batches.",
    see=TEXT, within=TRAIN, edits=(" * len(batch)", ""),
)  # fmt: skip
misconception(
    "mean_loss_takes_last_batch_for_full",
    "Your epoch's loss counts the smaller last batch as if it were full (loss.item() * batch_size). "
    "Weight it by the reviews that it has, len(batch).",
    see=TEXT, within=TRAIN, edits=(" * len(batch)", " * batch_size"),
)  # fmt: skip
misconception(
    "loss_of_last_batch_only",
    "Your epoch's loss is that of its last batch. The mean over the epoch is asked for.",
    see=TEXT, within=TRAIN, edits=("total / len(labels)", "loss.item()"),
)  # fmt: skip
misconception(
    "losses_added_up",
    "Your epoch's loss is a sum, which grows with the number of reviews. Divide it by that number.",
    see=TEXT, within=TRAIN, edits=("total / len(labels)", "total"),
)  # fmt: skip
misconception(
    "loss_carried_into_next_epoch",
    "Your epoch's loss also holds those of the epochs before: set the total to 0 at the start of every "
    "epoch.",
    see=TEXT, within=TRAIN,
    edits=(("        total = 0.0\n", ""), ("    losses = []\n", "    losses = []\n    total = 0.0\n")),
)  # fmt: skip
misconception(
    "loss_of_every_batch",
    "Your list has a loss for every batch. One for each epoch is asked for: the mean over its reviews.",
    see=TEXT, within=TRAIN,
    edits=(("total += loss.item() * len(batch)", "losses.append(loss.item())"), ("        "
                                                                                 "losses.append(total / "
                                                                                 "len(labels))\n", "")),
)  # fmt: skip
misconception(
    "loss_after_step",
    "Your losses are computed after each step. Note the loss that you called backward() on.",
    see=TRAINING, within=TRAIN,
    edits=("total += loss.item()",
           "total += nn.functional.binary_cross_entropy_with_logits(\n"
           "                model(tokens[batch], lengths[batch]), labels[batch]\n            ).item()"),
)  # fmt: skip
misconception(
    "losses_are_tensors",
    "Your list holds tensors, with the whole graph of their epoch behind them. loss.item() gives the "
    "plain number.",
    see=TRAINING, within=TRAIN, edits=("loss.item()", "loss"),
)  # fmt: skip
misconception(
    "gradients_not_cleared",
    "Your training never clears the gradients, so each backward() adds to those of all batches before. "
    "Call optimizer.zero_grad() before it.",
    see=TRAINING, within=TRAIN, edits=("            optimizer.zero_grad()\n", ""),
)  # fmt: skip
misconception(
    "gradients_cleared_once_an_epoch",
    "Your training clears the gradients once in an epoch, so every batch adds to those before. Clear them "
    "for every batch.",
    see=TRAINING, within=TRAIN,
    edits=(("            optimizer.zero_grad()\n", ""),
           ("        total = 0.0\n", "        total = 0.0\n        optimizer.zero_grad()\n")),
)  # fmt: skip
misconception(
    "steps_without_gradient",
    "Your model stays as it is: either step() is missing, or the gradients are cleared between backward() "
    "and step(), so that the step has nothing to go by. The order is zero_grad(), backward(), step().",
    see=TRAINING, within=TRAIN,
    edits=("optimizer.zero_grad()\n            loss.backward()", "loss.backward()\n            "
                                                                 "optimizer.zero_grad()"),
)  # fmt: skip
misconception(
    "optimizer_made_every_epoch",
    "Your training makes a new Adam in every epoch. Adam remembers the mean of its gradients and of their "
    "squares; make one before the loop.",
    see=TRAINING, within=TRAIN,
    edits=("        total = 0.0\n", "        total = 0.0\n        optimizer = "
                                    "torch.optim.Adam(model.parameters(), lr=lr)\n"),
)  # fmt: skip
misconception(
    "sigmoid_twice",
    "Your loss squashes twice: binary_cross_entropy_with_logits (BCEWithLogitsLoss) applies the sigmoid "
    "itself, so give it the logits as they are.",
    see=TRAINING, within=TRAIN, edits=("(logits, labels[batch])", "(torch.sigmoid(logits), labels[batch])"),
)  # fmt: skip
misconception(
    "loss_without_sigmoid",
    "Your loss is the binary cross-entropy of probabilities (BCELoss), but the model gives logits, which "
    "leave 0…1. Use BCEWithLogitsLoss.",
    see=TRAINING, within=TRAIN, edits=("binary_cross_entropy_with_logits(", "binary_cross_entropy("),
)  # fmt: skip
misconception(
    "loss_is_a_sum",
    "Your loss is the sum over a batch (reduction='sum'), so it grows with the batch. The mean is asked "
    "for, which is PyTorch's default.",
    see=TRAINING, within=TRAIN, edits=("labels[batch])", "labels[batch], reduction='sum')"),
)  # fmt: skip
misconception(
    "plain_gradient_descent",
    "Your optimizer is SGD. Adam is asked for: torch.optim.Adam(model.parameters(), lr=lr).",
    see=TRAINING, within=TRAIN, edits=("optim.Adam", "optim.SGD"),
)  # fmt: skip
misconception(
    "learning_rate_ignored",
    "Your optimizer does not use the argument lr: without it Adam takes 0.001. Pass lr=lr.",
    see=TRAINING, within=TRAIN, edits=(", lr=lr", ""),
)  # fmt: skip
misconception(
    "trains_a_copy",
    "Your training works on a copy, and the model that it was given stays untrained. Train the model "
    "itself.",
    see=TRAINING, within=TRAIN,
    edits=("optimizer = torch.optim.Adam", "import copy\n    model = copy.deepcopy(model)\n    optimizer "
                                           "= torch.optim.Adam"),
)  # fmt: skip
misconception(
    "train_mode_not_set",
    "Your training leaves the model in the mode that it comes in. After an evaluation that is eval mode, "
    "in which nothing is dropped: call model.train() first.",
    see=TRAINING, within=TRAIN, edits=("    model.train()\n", ""),
)  # fmt: skip
misconception(
    "eval_mode_after_first_epoch",
    "Your training sets eval mode on the way, for example to measure the accuracy, and does not come back "
    "to train mode for the next epoch.",
    see=TRAINING, within=TRAIN,
    edits=("        losses.append(", "        model.eval()\n        losses.append("),
)  # fmt: skip

ACCURACY = "accuracy"
ANSWER = "model(tokens, lengths) > 0"

misconception(
    "threshold_of_probabilities_on_logits",
    "Your accuracy calls a logit above 0.5 positive. 0.5 is the threshold of probabilities; that of "
    "logits is 0.",
    see=TEXT, within=ACCURACY, edits=(ANSWER, "model(tokens, lengths) > 0.5"),
)  # fmt: skip
misconception(
    "every_review_is_positive",
    "Your accuracy calls every review positive. A probability is always above 0, and the sigmoid of a "
    "probability always above 0.5: compare the logit itself with 0.",
    see=TEXT, within=ACCURACY, edits=(ANSWER, "torch.sigmoid(model(tokens, lengths)) > 0"),
)  # fmt: skip
misconception(
    "logits_rounded",
    "Your accuracy rounds the logits and compares them with the labels, so a logit of 3 counts as wrong. "
    "Compare the logit with 0.",
    see=TEXT, within=ACCURACY,
    edits=((ANSWER, "model(tokens, lengths).round()"), ("predicted == (labels > 0.5)", "predicted == "
                                                                                       "labels")),
)  # fmt: skip
misconception(
    "zero_is_positive",
    "Your accuracy calls a logit of exactly 0 positive. Positive is a logit above 0.",
    see=TEXT, within=ACCURACY, edits=(ANSWER, "model(tokens, lengths) >= 0"),
)  # fmt: skip
misconception(
    "accuracy_in_percent",
    "Your accuracy is in percent. The share is asked for, 0 … 1.",
    see=TEXT, within=ACCURACY, edits=(".mean().item()", ".mean().item() * 100"),
)  # fmt: skip
misconception(
    "accuracy_is_a_count",
    "Your accuracy is the number of reviews that are right. Divide it by the number of all.",
    see=TEXT, within=ACCURACY, edits=(".mean().item()", ".sum().item()"),
)  # fmt: skip
misconception(
    "accuracy_is_a_tensor",
    "Your accuracy is a tensor. A float is asked for: .item() makes one.",
    see=TEXT, within=ACCURACY, edits=(".mean().item()", ".mean()"),
)  # fmt: skip
misconception(
    "share_of_positives",
    "Your accuracy is the share of reviews that the model calls positive; it never looks at the labels.",
    see=TEXT, within=ACCURACY, edits=("(predicted == (labels > 0.5))", "predicted"),
)  # fmt: skip
misconception(
    "share_of_wrong_ones",
    "Your accuracy is the share of reviews that are wrong.",
    see=TEXT, within=ACCURACY, edits=("predicted == (labels", "predicted != (labels"),
)  # fmt: skip
misconception(
    "recall_for_accuracy",
    "Your accuracy counts only reviews that are called positive and are positive. A negative one that is "
    "called negative is right too.",
    see=TEXT, within=ACCURACY, edits=("(predicted == (labels > 0.5))", "(predicted & (labels > 0.5))"),
)  # fmt: skip
misconception(
    "accuracy_in_train_mode",
    "Your accuracy asks the model in whatever mode it is. In train mode dropout spoils its answers: call "
    "model.eval() first.",
    see=TRAINING, within=ACCURACY, edits=("    model.eval()\n", ""),
)  # fmt: skip
misconception(
    "accuracy_with_gradient",
    "Your accuracy records a graph that nobody will use. Run the model under torch.no_grad().",
    see=TRAINING, within=ACCURACY, edits=("with torch.no_grad():", "with torch.enable_grad():"),
)  # fmt: skip
misconception(
    "leaves_eval_mode",
    "Your accuracy leaves the model in eval mode, so a training that goes on drops nothing from then on. "
    "Note model.training before you call model.eval(), and restore it at the end.",
    see=TRAINING, within=ACCURACY, edits=("    model.train(was_training)\n", ""),
)  # fmt: skip
misconception(
    "always_leaves_train_mode",
    "Your accuracy always ends with model.train(), even for a model that came in eval mode. Remember "
    "model.training first, and restore that.",
    see=TRAINING, within=ACCURACY, edits=("model.train(was_training)", "model.train()"),
)  # fmt: skip
