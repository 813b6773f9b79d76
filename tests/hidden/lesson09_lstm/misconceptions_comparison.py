"""Typical wrong answers to `comparison`, as edits of the reference."""

from grader.suite.writing import misconception

COMPARE = "Compare to simple RNN"
BUILD = "Building an LSTM model"
SEQUENCES = "What is an LSTM"

FIRST = "marks[rows, torch.randint(0, half, (batch_size,), generator=generator)] = 1.0"
SECOND = "marks[rows, torch.randint(half, length, (batch_size,), generator=generator)] = 1.0"
TOTAL = "(numbers * marks).sum(dim=1, keepdim=True)"

# Of mistakes that fit a test equally well the first is named. What is wrong with a batch or with the model also spoils
# training, but tests of their own come first and name it.

# Training

misconception(
    "returns_losses_only",
    "Your train_on_adding returns only the losses. Return the trained model too: (model, losses).",
    see=COMPARE, within="train_on_adding", edits=("return model, losses", "return losses"),
)  # fmt: skip
misconception(
    "hidden_size_fixed",
    "Your train_on_adding makes a model of 32 hidden units whatever hidden_size is.",
    see=COMPARE, within="train_on_adding", edits=("2, hidden_size)", "2, 32)"),
)  # fmt: skip
misconception(
    "loss_after_the_step",
    "Your train_on_adding takes the loss once more after the step. Keep the one that the step was taken for: it is there "
    "already, and it is the error on numbers that the model has not learned from.",
    see=COMPARE, within="train_on_adding", edits=("losses.append(loss.item())", "losses.append(nn.functional.mse_loss(model(x), y).item())"),
)  # fmt: skip
misconception(
    "same_batch_every_step",
    "Your train_on_adding trains on the same batch in every step: it is drawn before the loop, or the generator is made anew "
    "inside it. Make the generator once, before the loop, and draw a batch in each step.",
    see=COMPARE, within="train_on_adding",
    edits=("x, y = adding_problem(batch_size, length, generator)",
           "x, y = adding_problem(batch_size, length, torch.Generator().manual_seed(seed))"),
)  # fmt: skip
misconception(
    "batch_size_fixed",
    "Your train_on_adding draws 32 sequences in each step whatever batch_size is.",
    see=COMPARE, within="train_on_adding", edits=("adding_problem(batch_size,", "adding_problem(32,"),
)  # fmt: skip
misconception(
    "length_fixed",
    "Your train_on_adding draws sequences of 50 steps whatever length is.",
    see=COMPARE, within="train_on_adding", edits=("batch_size, length, generator)", "batch_size, 50, generator)"),
)  # fmt: skip
misconception(
    "loss_is_absolute",
    "Your loss is the mean absolute error. The squared one is asked for: its minimum is what 1/6 is compared with.",
    see=COMPARE, within="train_on_adding", edits=("mse_loss", "l1_loss"),
)  # fmt: skip
misconception(
    "loss_is_a_sum",
    "Your loss is the sum of the squared errors of a batch. Take the mean, so that it does not depend on batch_size.",
    see=COMPARE, within="train_on_adding", edits=("(model(x), y)", '(model(x), y, reduction="sum")'),
)  # fmt: skip
misconception(
    "loss_is_spread_out",
    "Your loss compares (B,) with (B, 1), which PyTorch spreads out to (B, B): every answer is compared with every sum of "
    "the batch, and the best it can learn is to answer 1. Give both the same shape.",
    see=COMPARE, within="train_on_adding", edits=("(model(x), y)", "(model(x).squeeze(1), y)"),
)  # fmt: skip
misconception(
    "start_weights_unseeded",
    "In your train_on_adding the seed governs the batches but not the start weights, which come from the global generator. "
    "Call torch.manual_seed(seed) before the model is made.",
    see=COMPARE, within="train_on_adding", edits=("        torch.manual_seed(seed)\n", ""),
)  # fmt: skip
misconception(
    "batches_unseeded",
    "In your train_on_adding the seed governs the start weights but not the batches. Seed the generator too: "
    "torch.Generator().manual_seed(seed).",
    see=COMPARE, within="train_on_adding",
    edits=("torch.Generator().manual_seed(seed)", "torch.default_generator"),
)  # fmt: skip
misconception(
    "no_step",
    "Your train_on_adding never takes a step: optimizer.step() is missing, so the weights stay as they are.",
    see=COMPARE, within="train_on_adding", edits=("        optimizer.step()\n", ""),
)  # fmt: skip
misconception(
    "sgd",
    "Your train_on_adding uses plain gradient descent (SGD). Adam is asked for.",
    see=COMPARE, within="train_on_adding", edits=("optim.Adam", "optim.SGD"),
)  # fmt: skip
misconception(
    "lr_fixed",
    "Your train_on_adding uses a learning rate of 0.01 whatever lr is. Hand lr on to Adam.",
    see=COMPARE, within="train_on_adding", edits=("lr=lr", "lr=0.01"),
)  # fmt: skip
misconception(
    "gradients_add_up",
    "Your train_on_adding never clears the gradients, so every step still contains all the earlier ones. Call "
    "optimizer.zero_grad() before each backward().",
    see=COMPARE, within="train_on_adding", edits=("        optimizer.zero_grad()\n", ""),
)  # fmt: skip
misconception(
    "not_clipped",
    "Your train_on_adding does not cut the gradients back to clip_norm: the clipping is missing, uses another number, or "
    "stands where it has no effect. It belongs between backward() and the optimizer's step.",
    see=COMPARE, within="train_on_adding", edits=("        nn.utils.clip_grad_norm_(model.parameters(), clip_norm)\n", ""),
)  # fmt: skip
misconception(
    "clipped_by_value",
    "Your train_on_adding clips each number of the gradient by itself (clip_grad_value_), which changes its direction. Clip "
    "the norm of all gradients together: clip_grad_norm_.",
    see=COMPARE, within="train_on_adding", edits=("clip_grad_norm_", "clip_grad_value_"),
)  # fmt: skip
misconception(
    "clipped_one_by_one",
    "Your train_on_adding clips each parameter's gradient by itself. It is the norm of all gradients together that is "
    "clipped: one call of clip_grad_norm_ with all parameters.",
    see=COMPARE, within="train_on_adding",
    edits=("nn.utils.clip_grad_norm_(model.parameters(), clip_norm)",
           "for parameter in model.parameters():\n            nn.utils.clip_grad_norm_(parameter, clip_norm)"),
)  # fmt: skip
misconception(
    "always_scaled",
    "Your train_on_adding brings every gradient to the norm clip_norm, also small ones. Clipping only makes smaller what is "
    "too large: multiply by clip_norm / norm only where norm is above clip_norm.",
    see=COMPARE, within="train_on_adding",
    edits=("nn.utils.clip_grad_norm_(model.parameters(), clip_norm)",
           "norm = torch.sqrt(sum(p.grad.square().sum() for p in model.parameters()))\n"
           "        for p in model.parameters():\n            p.grad *= clip_norm / norm"),
)  # fmt: skip

# The model

misconception(
    "always_an_lstm",
    "Your SequenceRegressor makes an LSTM whatever the kind is. Then there is nothing to compare.",
    see=COMPARE, within="SequenceRegressor.__init__", edits=('"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU',
                                                            '"rnn": nn.LSTM, "lstm": nn.LSTM, "gru": nn.LSTM'),
)  # fmt: skip
misconception(
    "plain_rnn_with_relu",
    'Your "rnn" uses ReLU. The plain RNN of the comparison squashes with tanh, which is what nn.RNN does by itself.',
    see=COMPARE, within="SequenceRegressor.__init__",
    edits=("batch_first=True)", 'batch_first=True, **({"nonlinearity": "relu"} if kind == "rnn" else {}))'),
)  # fmt: skip
misconception(
    "not_batch_first",
    "Your recurrent layer is not batch_first: it takes the batch for time, and every sequence sees numbers of the others. "
    "Say batch_first=True.",
    see=SEQUENCES, within="SequenceRegressor.__init__", edits=(", batch_first=True", ""),
)  # fmt: skip
misconception(
    "unknown_kind_is_an_rnn",
    "Your SequenceRegressor takes every unknown kind for a plain RNN, so a typing error goes unnoticed. Raise a ValueError.",
    see=COMPARE, within="SequenceRegressor.__init__",
    edits=(("kind not in layers", "False"), ("layers[kind]", "layers.get(kind, nn.RNN)")),
)  # fmt: skip
misconception(
    "unknown_kind_is_a_key_error",
    "Your SequenceRegressor lets an unknown kind end in a KeyError. Raise a ValueError that names the kinds there are.",
    see=COMPARE, within="SequenceRegressor.__init__", edits=("kind not in layers", "False"),
)  # fmt: skip
misconception(
    "reads_first_step",
    "Your forward reads the first step's output, which has seen nothing of the rest. The last step has seen everything: "
    "output[:, -1].",
    see=BUILD, within="SequenceRegressor.forward", edits=("[:, -1]", "[:, 0]"),
)  # fmt: skip
misconception(
    "reads_mean_of_steps",
    "Your forward reads the mean over all steps. Asked for is the last step: the network itself has to carry the numbers "
    "there.",
    see=BUILD, within="SequenceRegressor.forward", edits=("output[:, -1]", "output.mean(dim=1)"),
)  # fmt: skip
misconception(
    "reads_last_sequence",
    "Your forward takes output[-1], the last sequence of the batch. With batch_first the steps are dimension 1: "
    "output[:, -1].",
    see=BUILD, within="SequenceRegressor.forward", edits=("output[:, -1]", "output[-1]"),
)  # fmt: skip
misconception(
    "reads_h_n_with_its_layers",
    "Your forward gives h_n to fc as it is: h_n is (1, B, H), with the layers first, so the result is (1, B, 1). Take h_n[-1], "
    "or output[:, -1].",
    see=BUILD, within="SequenceRegressor.forward",
    edits=(("output, _ =", "_, state ="), ("output[:, -1]", "state[0] if isinstance(state, tuple) else state")),
)  # fmt: skip
misconception(
    "output_without_its_dimension",
    "Your forward returns (B,). It should be (B, 1), like y: (B,) against (B, 1) is spread out to (B, B) in the loss.",
    see=BUILD, within="SequenceRegressor.forward", edits=("self.fc(output[:, -1])", "self.fc(output[:, -1]).squeeze(-1)"),
)  # fmt: skip
misconception(
    "output_squashed",
    "Your forward squashes the answer with the sigmoid, so it never passes 1; the sums go up to 2. A regression has no "
    "squashing at the end.",
    see=BUILD, within="SequenceRegressor.forward", edits=("self.fc(output[:, -1])", "torch.sigmoid(self.fc(output[:, -1]))"),
)  # fmt: skip

# Making a batch

misconception(
    "marks_may_coincide",
    "Your adding_problem draws both marks from all steps: they may fall on the same one. Draw one from the first half and "
    "one from the rest.",
    see=COMPARE, within="adding_problem",
    edits=((FIRST, FIRST.replace("half,", "length,")), (SECOND, SECOND.replace("half,", "0,"))),
)  # fmt: skip
misconception(
    "half_rounded_up",
    "Your adding_problem rounds half of an odd length up. The first half has length // 2 steps: 3 of 7.",
    see=COMPARE, within="adding_problem", edits=("length // 2", "(length + 1) // 2"),
)  # fmt: skip
misconception(
    "last_step_never_marked",
    "Your adding_problem never marks the last step. The upper bound of randint is not drawn itself: randint(half, length) "
    "gives half to length - 1.",
    see=COMPARE, within="adding_problem", edits=("randint(half, length,", "randint(half, max(length - 1, half + 1),"),
)  # fmt: skip
misconception(
    "same_marks_for_all",
    "Your adding_problem draws the two places once for the whole batch. Each sequence draws its own, else the network "
    "learns the places by heart.",
    see=COMPARE, within="adding_problem",
    edits=((FIRST, FIRST.replace("(batch_size,)", "(1,)")), (SECOND, SECOND.replace("(batch_size,)", "(1,)"))),
)  # fmt: skip
misconception(
    "y_adds_all_numbers",
    "Your y adds up all the numbers. Only the two marked ones count.",
    see=COMPARE, within="adding_problem", edits=(TOTAL, "numbers.sum(dim=1, keepdim=True)"),
)  # fmt: skip
misconception(
    "y_without_its_dimension",
    "Your y has the shape (B,). It should be (B, 1), as the model's output is: (B,) against (B, 1) is spread out to (B, B) "
    "in the loss, without an error.",
    see=COMPARE, within="adding_problem", edits=(TOTAL, "(numbers * marks).sum(dim=1)"),
)  # fmt: skip
misconception(
    "numbers_are_normal",
    "Your numbers are normally distributed (randn). They should be uniform in 0…1: torch.rand.",
    see=COMPARE, within="adding_problem", edits=("torch.rand(", "torch.randn("),
)  # fmt: skip
misconception(
    "channels_swapped",
    "Your channels are swapped: channel 0 holds the numbers, channel 1 the marks.",
    see=COMPARE, within="adding_problem", edits=("[numbers, marks]", "[marks, numbers]"),
)  # fmt: skip
misconception(
    "channels_first",
    "Your x has the shape (B, 2, T). The channels come last, (B, T, 2): stack along dim 2.",
    see=COMPARE, within="adding_problem", edits=("marks], dim=2", "marks], dim=1"),
)  # fmt: skip
misconception(
    "generator_ignored",
    "Your adding_problem does not use the generator: it draws from the global one. Pass generator=generator to every draw.",
    see=COMPARE, within="adding_problem",
    edits=(("length, generator=generator)", "length)"), (FIRST, FIRST.replace(", generator=generator", "")),
           (SECOND, SECOND.replace(", generator=generator", ""))),
)  # fmt: skip
misconception(
    "generator_only_for_numbers",
    "Your adding_problem draws the numbers from the generator but the places of the marks from the global one. Pass "
    "generator=generator to every draw.",
    see=COMPARE, within="adding_problem",
    edits=((FIRST, FIRST.replace(", generator=generator", "")), (SECOND, SECOND.replace(", generator=generator", ""))),
)  # fmt: skip
misconception(
    "generator_seeded_anew",
    "Your adding_problem seeds the generator itself, so that every batch is the same. It is the caller who seeds it; draw on "
    "from where it stands.",
    see=COMPARE, within="adding_problem", edits=("half = length // 2", "generator.manual_seed(0)\n    half = length // 2"),
)  # fmt: skip
misconception(
    "short_length_accepted",
    "Your adding_problem does not look at the length: with fewer than 2 steps there is nothing to mark. Raise a ValueError "
    "that says so.",
    see=COMPARE, within="adding_problem", edits=("length < 2", "False"),
)  # fmt: skip
