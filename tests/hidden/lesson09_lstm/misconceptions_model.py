"""Typical wrong answers to `model`, as edits of the reference."""

from grader.suite.writing import misconception

MODEL = "Building an LSTM model"
STATES = "Cell state v hidden state"
LAST = "output, _ = self.lstm(x)\n        return self.fc(output[:, -1])"

misconception(
    "lstm_not_batch_first",
    "Your nn.LSTM is made without batch_first=True, so it takes the first dimension of x, the batch, for "
    "time. It raises no error, and mixes up different sequences.",
    see=MODEL, within="SimpleLSTM", edits=(", batch_first=True", ""),
)  # fmt: skip
misconception(
    "lstm_bidirectional",
    "Your nn.LSTM also reads backwards. At the last step its backward half has seen one step only; this "
    "model asks for one direction.",
    see=MODEL, within="SimpleLSTM",
    edits=((", batch_first=True", ", batch_first=True, bidirectional=True"),
           ("nn.Linear(hidden", "nn.Linear(2 * hidden")),
)  # fmt: skip
misconception(
    "lstm_of_two_layers",
    "Your nn.LSTM has two layers. This model has one; stacking comes in the next exercise.",
    see=MODEL, within="SimpleLSTM", edits=(", batch_first=True", ", num_layers=2, batch_first=True"),
)  # fmt: skip
misconception(
    "answers_from_first_step",
    "Your model answers from the first time step, which has seen nothing of the rest. The last step, "
    "output[:, -1], has read the whole sequence.",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output[:, 0]"),
)  # fmt: skip
misconception(
    "answers_from_last_sequence",
    "Your model takes output[-1], the last sequence of the batch. The output is (B, T, H): the last time "
    "step of every sequence is output[:, -1].",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output[-1]"),
)  # fmt: skip
misconception(
    "answers_from_mean_over_time",
    "Your model answers from the mean over all time steps. What is asked for is the last one, output[:, "
    "-1].",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output.mean(dim=1)"),
)  # fmt: skip
misconception(
    "answers_from_maximum_over_time",
    "Your model answers from the largest values over time. What is asked for is the last step, output[:, "
    "-1].",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output.max(dim=1).values"),
)  # fmt: skip
misconception(
    "answers_at_every_step",
    "Your model applies fc to every time step. One answer for each sequence is asked for: choose the last "
    "step first.",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output"),
)  # fmt: skip
misconception(
    "answers_from_cell_state",
    "Your model answers from the cell state c. What an LSTM shows to the next layer is its hidden state "
    "h: nn.LSTM returns output, (h_n, c_n).",
    see=STATES, within="SimpleLSTM",
    edits=(LAST, "_, (_, c_n) = self.lstm(x)\n        return self.fc(c_n[-1])"),
)  # fmt: skip
misconception(
    "keeps_layer_dimension",
    "h_n has the shape (layers, B, H), and your model hands all of it to fc. Take the last layer, "
    "h_n[-1], or output[:, -1].",
    see=STATES, within="SimpleLSTM", edits=(LAST, "_, (h_n, _) = self.lstm(x)\n        return self.fc(h_n)"),
)  # fmt: skip
misconception(
    "squeezes_single_sequence",
    "Your model calls squeeze(), which removes every dimension of size 1, so a batch of one sequence "
    "loses its batch dimension. Say which dimension you mean.",
    see=MODEL, within="SimpleLSTM",
    edits=(LAST, "_, (h_n, _) = self.lstm(x)\n        return self.fc(h_n.squeeze())"),
)  # fmt: skip
misconception(
    "sigmoid_in_model",
    "Your model ends with a sigmoid. It should return logits: the loss applies the sigmoid itself, in a "
    "way that stays exact for large numbers, and applying it twice slows the learning.",
    see=MODEL, within="SimpleLSTM",
    edits=("return self.fc(output[:, -1])", "return torch.sigmoid(self.fc(output[:, -1]))"),
)  # fmt: skip
misconception(
    "relu_before_fc",
    "Your model puts a ReLU between the LSTM and fc, which throws away every negative half of the hidden "
    "state. fc reads the output as it is.",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "torch.relu(output[:, -1])"),
)  # fmt: skip
misconception(
    "starts_from_random_state",
    "Your model starts from a random state, so the same sequence gets another answer every time. Without "
    "a state nn.LSTM starts from zeros, which is what you want.",
    see=STATES, within="SimpleLSTM",
    edits=("output, _ = self.lstm(x)",
           "h_0 = torch.randn(1, x.shape[0], self.lstm.hidden_size).to(x.dtype)\n"
           "        c_0 = torch.randn(1, x.shape[0], self.lstm.hidden_size).to(x.dtype)\n"
           "        output, _ = self.lstm(x, (h_0, c_0))"),
)  # fmt: skip
misconception(
    "starts_from_float32_zeros",
    "Your model makes its zero states in float32, whatever x is. Leave them out, since nn.LSTM starts "
    "from zeros by itself, or make them with x.new_zeros(…).",
    see=STATES, within="SimpleLSTM",
    edits=("output, _ = self.lstm(x)",
           "zeros = torch.zeros(1, x.shape[0], self.lstm.hidden_size)\n        output, _ = self.lstm(x, "
           "(zeros, zeros))"),
)  # fmt: skip
misconception(
    "remembers_state_between_calls",
    "Your model keeps the state of the last call and starts the next sequences from it. Each call brings "
    "new sequences, which have nothing to do with the old ones: start from zeros.",
    see=STATES, within="SimpleLSTM",
    edits=("output, _ = self.lstm(x)",
           "state = getattr(self, 'state', None)\n"
           "        state = state if state is not None and state[0].shape[1] == x.shape[0] else None\n"
           "        output, (h_n, c_n) = self.lstm(x, state)\n"
           "        self.state = (h_n.detach(), c_n.detach())"),
)  # fmt: skip
misconception(
    "model_detached",
    "The logits are right, but the LSTM's output is cut out of the graph (.data, .detach() or no_grad), "
    "so the LSTM would never learn.",
    see=MODEL, within="SimpleLSTM", edits=("output[:, -1]", "output[:, -1].detach()"),
)  # fmt: skip

TRAIN = "train_classifier"
LOSS = "nn.functional.binary_cross_entropy_with_logits(model(x), y)"

misconception(
    "loss_after_step",
    "Your losses are computed after each step: the first is not that of the model as it came. Note the "
    "loss that you called backward() on.",
    see=MODEL, within=TRAIN, edits=("losses.append(loss.item())", f"losses.append({LOSS}.item())"),
)  # fmt: skip
misconception(
    "gradients_not_cleared",
    "Your training never clears the gradients, so each backward() adds to those of all epochs before. "
    "Call optimizer.zero_grad() before it.",
    see=MODEL, within=TRAIN, edits=("        optimizer.zero_grad()\n", ""),
)  # fmt: skip
misconception(
    "steps_without_gradient",
    "Your model stays as it is: either step() is missing, or the gradients are cleared between backward() "
    "and step(), so that the step has nothing to go by. The order is zero_grad(), backward(), step().",
    see=MODEL, within=TRAIN,
    edits=("optimizer.zero_grad()\n        loss.backward()", "loss.backward()\n        "
                                                             "optimizer.zero_grad()"),
)  # fmt: skip
misconception(
    "step_before_backward",
    "Your training calls step() before backward(), so every step uses the gradients of the epoch before. "
    "First backward(), then step().",
    see=MODEL, within=TRAIN,
    edits=("optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()",
           "optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()"),
)  # fmt: skip
misconception(
    "optimizer_made_every_epoch",
    "Your training makes a new Adam in every epoch. Adam remembers the mean of its gradients and of their "
    "squares; make one before the loop.",
    see=MODEL, within=TRAIN,
    edits=("        optimizer.zero_grad()\n",
           "        optimizer = torch.optim.Adam(model.parameters(), lr=lr)\n        "
           "optimizer.zero_grad()\n"),
)  # fmt: skip
misconception(
    "sigmoid_twice",
    "Your loss squashes twice: binary_cross_entropy_with_logits (BCEWithLogitsLoss) applies the sigmoid "
    "itself, so give it the logits as they are.",
    see=MODEL, within=TRAIN, edits=("(model(x), y)", "(torch.sigmoid(model(x)), y)"),
)  # fmt: skip
misconception(
    "loss_without_sigmoid",
    "Your loss is the binary cross-entropy of probabilities (BCELoss), but the model gives logits, which "
    "leave 0…1. Use BCEWithLogitsLoss.",
    see=MODEL, within=TRAIN, edits=("binary_cross_entropy_with_logits(", "binary_cross_entropy("),
)  # fmt: skip
misconception(
    "loss_is_squared_error",
    "Your loss is the mean squared error. For a yes or no, use binary cross-entropy with logits: it "
    "punishes a certain wrong answer much harder.",
    see=MODEL, within=TRAIN, edits=("binary_cross_entropy_with_logits(", "mse_loss("),
)  # fmt: skip
misconception(
    "loss_is_squared_error_of_probabilities",
    "Your loss is the squared error of the probabilities. Use binary cross-entropy with logits: its "
    "gradient does not vanish where the model is surely wrong.",
    see=MODEL, within=TRAIN,
    edits=("binary_cross_entropy_with_logits(model(x), y)", "mse_loss(torch.sigmoid(model(x)), y)"),
)  # fmt: skip
misconception(
    "loss_is_a_sum",
    "Your loss is the sum over the sequences (reduction='sum'), so it grows with their number. The mean "
    "is asked for, which is PyTorch's default.",
    see=MODEL, within=TRAIN, edits=("(model(x), y)", "(model(x), y, reduction='sum')"),
)  # fmt: skip
misconception(
    "plain_gradient_descent",
    "Your optimizer is SGD. Adam is asked for: torch.optim.Adam(model.parameters(), lr=lr).",
    see=MODEL, within=TRAIN, edits=("optim.Adam", "optim.SGD"),
)  # fmt: skip
misconception(
    "adam_with_weight_decay",
    "Your optimizer is AdamW, which also shrinks the weights a little in every step. Plain Adam is asked "
    "for.",
    see=MODEL, within=TRAIN, edits=("optim.Adam", "optim.AdamW"),
)  # fmt: skip
misconception(
    "learning_rate_ignored",
    "Your optimizer does not use the argument lr: without it Adam takes 0.001. Pass lr=lr.",
    see=MODEL, within=TRAIN, edits=(", lr=lr", ""),
)  # fmt: skip
misconception(
    "learning_rate_fixed",
    "Your optimizer always uses a learning rate of 0.01. That is only the default of the argument: pass "
    "lr=lr.",
    see=MODEL, within=TRAIN, edits=("lr=lr", "lr=0.01"),
)  # fmt: skip
misconception(
    "epochs_ignored",
    "Your training always runs 50 epochs. That is only the default of the argument: loop over "
    "range(epochs).",
    see=MODEL, within=TRAIN, edits=("range(epochs)", "range(50)"),
)  # fmt: skip
misconception(
    "one_epoch_too_many",
    "Your training runs one epoch more than it is asked to.",
    see=MODEL, within=TRAIN, edits=("range(epochs)", "range(epochs + 1)"),
)  # fmt: skip
misconception(
    "last_loss_only",
    "Your training returns one number. The loss of every epoch is asked for, as a list, so that one can "
    "see it fall.",
    see=MODEL, within=TRAIN, edits=("return losses", "return losses[-1]"),
)  # fmt: skip
misconception(
    "losses_are_tensors",
    "Your list holds tensors, each with the whole graph of its epoch behind it. loss.item() gives the "
    "plain number.",
    see=MODEL, within=TRAIN, edits=("loss.item()", "loss"),
)  # fmt: skip
misconception(
    "losses_are_running_means",
    "Your losses are means over all epochs so far. Each epoch's own loss is asked for.",
    see=MODEL, within=TRAIN,
    edits=("return losses", "return [sum(losses[: k + 1]) / (k + 1) for k in range(len(losses))]"),
)  # fmt: skip
misconception(
    "trains_a_copy",
    "Your training works on a copy, and the model that it was given stays untrained. Train the model "
    "itself.",
    see=MODEL, within=TRAIN,
    edits=("optimizer = torch.optim.Adam", "import copy\n    model = copy.deepcopy(model)\n    optimizer "
                                           "= torch.optim.Adam"),
)  # fmt: skip
misconception(
    "train_mode_not_set",
    "Your training leaves the model in the mode that it comes in. After an evaluation that is eval mode, "
    "in which dropout and batch norm do not train: call model.train() first.",
    see=MODEL, within=TRAIN, edits=("    model.train()\n", ""),
)  # fmt: skip

PREDICT = "predict_proba"

misconception(
    "logits_for_probabilities",
    "Your predict_proba returns the logits. The sigmoid makes probabilities of them.",
    see=MODEL, within=PREDICT, edits=("torch.sigmoid(model(x))", "model(x)"),
)  # fmt: skip
misconception(
    "softmax_over_one",
    "Your predict_proba takes the softmax over a dimension of size 1, which is always 1. For a single "
    "logit use the sigmoid.",
    see=MODEL, within=PREDICT, edits=("torch.sigmoid(model(x))", "torch.softmax(model(x), dim=1)"),
)  # fmt: skip
misconception(
    "softmax_over_batch",
    "Your predict_proba takes the softmax over the batch, so the sequences share one probability among "
    "them. Each has its own: use the sigmoid.",
    see=MODEL, within=PREDICT, edits=("torch.sigmoid(model(x))", "torch.softmax(model(x), dim=0)"),
)  # fmt: skip
misconception(
    "labels_for_probabilities",
    "Your predict_proba rounds to 0 and 1. Return the probability itself: whoever asks can round.",
    see=MODEL, within=PREDICT, edits=("torch.sigmoid(model(x))", "torch.sigmoid(model(x)).round()"),
)  # fmt: skip
misconception(
    "probabilities_squashed_twice",
    "Your predict_proba applies the sigmoid twice, so that no probability is below 0.5.",
    see=MODEL, within=PREDICT, edits=("torch.sigmoid(model(x))", "torch.sigmoid(torch.sigmoid(model(x)))"),
)  # fmt: skip
misconception(
    "probabilities_squeezed",
    "Your predict_proba removes the last dimension. The probabilities are (B, 1), like the logits and the "
    "labels.",
    see=MODEL, within=PREDICT, edits=("return probabilities", "return probabilities.squeeze()"),
)  # fmt: skip
misconception(
    "predicts_in_train_mode",
    "Your predict_proba does not set eval mode, so dropout and batch norm go on as in training. Call "
    "model.eval() before the forward pass.",
    see=MODEL, within=PREDICT, edits=("    model.eval()\n", ""),
)  # fmt: skip
misconception(
    "predicts_with_gradient",
    "Your predict_proba records a graph that nobody will use. Run the model under torch.no_grad().",
    see=MODEL, within=PREDICT, edits=("with torch.no_grad():", "with torch.enable_grad():"),
)  # fmt: skip
misconception(
    "leaves_eval_mode",
    "Your predict_proba leaves the model in eval mode. If it was training, the training that goes on is "
    "another one from then on: restore the flag.",
    see=MODEL, within=PREDICT, edits=("    model.train(was_training)\n", ""),
)  # fmt: skip
misconception(
    "always_leaves_train_mode",
    "Your predict_proba always ends with model.train(), even for a model that came in eval mode. Remember "
    "model.training first, and restore that.",
    see=MODEL, within=PREDICT, edits=("model.train(was_training)", "model.train()"),
)  # fmt: skip
