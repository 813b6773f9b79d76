"""Typical wrong answers to `forecasting`, as edits of the reference or definitions in place of its own."""
# ruff: noqa: F821 - the definitions use what the reference's module has

from grader.suite.writing import misconception

SERIES = "Practice: time series forecasting"

# split_series

SPLIT = "return series[:-test_size], series[-test_size:]"
REFUSAL = "if not 1 <= test_size <= len(series) - 1:"

misconception(
    "split_shuffles",
    "Your split_series shuffles before it cuts. A series is cut in time order: a model that has seen the years around a test "
    "year has seen its answer.",
    see=SERIES, within="split_series",
    edits=(SPLIT, "series = series[torch.randperm(len(series))]\n    " + SPLIT),
)  # fmt: skip
misconception(
    "split_tests_the_start",
    "Your split_series holds back the first values. Forecasting asks for the future, so the test part is the end.",
    see=SERIES, within="split_series", edits=(SPLIT, "return series[test_size:], series[:test_size]"),
)  # fmt: skip
misconception(
    "split_takes_test_size_for_training",
    "Your split_series gives test_size values to the training part. It is the test part that has that many: cut at -test_size.",
    see=SERIES, within="split_series", edits=(SPLIT, "return series[:test_size], series[test_size:]"),
)  # fmt: skip
misconception(
    "split_swaps_parts",
    "Your split_series returns (test, train); the order is (train, test).",
    see=SERIES, within="split_series", edits=(SPLIT, "return series[-test_size:], series[:-test_size]"),
)  # fmt: skip
misconception(
    "split_overlaps",
    "The training part of your split_series still has the first test value. It ends where the test part begins.",
    see=SERIES, within="split_series", edits=(SPLIT, "return series[: len(series) - test_size + 1], series[-test_size:]"),
)  # fmt: skip
misconception(
    "split_keeps_all_for_training",
    "The training part of your split_series is the whole series. The test part must not be in it: the model would be asked "
    "what it was told.",
    see=SERIES, within="split_series", edits=(SPLIT, "return series, series[-test_size:]"),
)  # fmt: skip
misconception(
    "split_refuses_nothing",
    "Your split_series takes any test_size. One that leaves a part empty, below 1 or above T-1, is a ValueError; and "
    "series[:-0] is no series at all.",
    see=SERIES, within="split_series", edits=(REFUSAL, "if False:"),
)  # fmt: skip
misconception(
    "split_leaves_no_training",
    "Your split_series takes a test_size of T, which leaves nothing to train on. T-1 is the most.",
    see=SERIES, within="split_series", edits=(REFUSAL, "if not 1 <= test_size <= len(series):"),
)  # fmt: skip
misconception(
    "split_leaves_no_test",
    "Your split_series takes a test_size of 0, and series[:-0] is empty, not everything. 1 is the least.",
    see=SERIES, within="split_series", edits=(REFUSAL, "if not 0 <= test_size <= len(series) - 1:"),
)  # fmt: skip
misconception(
    "split_refuses_the_largest",
    "Your split_series refuses a test_size of T-1, which still leaves one value to train on.",
    see=SERIES, within="split_series", edits=(REFUSAL, "if not 1 <= test_size < len(series) - 1:"),
)  # fmt: skip

# Standardizer

FIT = "Standardizer.fit"
TRANSFORM = "return (series - self.mean) / self.std"
INVERSE = "return series * self.std + self.mean"

misconception(
    "standardizer_sample_std",
    "Your Standardizer divides by n - 1 under the root, as series.std() does. Here it is the population's standard deviation: "
    "series.std(correction=0).",
    see=SERIES, within=FIT, edits=("correction=0", "correction=1"),
)  # fmt: skip
misconception(
    "standardizer_variance",
    "Your Standardizer divides by the variance. The standard deviation is its root.",
    see=SERIES, within=FIT, edits=("series.std(correction=0)", "series.var(correction=0)"),
)  # fmt: skip
misconception(
    "standardizer_divides_by_zero",
    "Your Standardizer divides by 0 where all values are equal, and NaN or infinity comes out. Where the standard deviation is "
    "0, take 1.",
    see=SERIES, within=FIT, edits=("torch.where(std == 0, torch.ones_like(std), std)", "std"),
)  # fmt: skip
misconception(
    "standardizer_adds_epsilon",
    "Your Standardizer adds a tiny number to the standard deviation. A constant series then blows up whatever differs from it: "
    "where the standard deviation is 0, take 1.",
    see=SERIES, within=FIT, edits=("torch.where(std == 0, torch.ones_like(std), std)", "std + 1e-8"),
)  # fmt: skip
misconception(
    "standardizer_min_max",
    "Your Standardizer scales to 0…1 by the smallest and the largest value. It should shift by the mean and divide by the "
    "standard deviation.",
    see=SERIES, within=FIT,
    edits=(("self.mean = series.mean()", "self.mean = series.min()"),
           ("std = series.std(correction=0)", "std = series.max() - series.min()")),
)  # fmt: skip
misconception(
    "standardizer_only_shifts",
    "Your Standardizer subtracts the mean, and that is all. It divides by the standard deviation, too.",
    see=SERIES, within=FIT,
    edits=("torch.where(std == 0, torch.ones_like(std), std)", "torch.ones_like(std)"),
)  # fmt: skip
misconception(
    "standardizer_only_scales",
    "Your Standardizer divides by the standard deviation without subtracting the mean.",
    see=SERIES, within=FIT, edits=("self.mean = series.mean()", "self.mean = torch.zeros_like(series.mean())"),
)  # fmt: skip
misconception(
    "standardizer_fits_again_in_transform",
    "Your transform standardizes by the mean and spread of the series that it is given. It uses what fit has remembered: the "
    "test part is transformed by the numbers of the training part.",
    see=SERIES, within="Standardizer.transform", edits=(TRANSFORM, "self.fit(series)\n        " + TRANSFORM),
)  # fmt: skip
misconception(
    "standardizer_keeps_first_fit",
    "Your Standardizer keeps the numbers of its first fit. A second fit replaces them.",
    see=SERIES, within=FIT,
    edits=("self.mean = series.mean()", 'if hasattr(self, "mean"):\n            return self\n        self.mean = series.mean()'),
)  # fmt: skip
misconception(
    "standardizer_shared",
    "All your Standardizers share one mean and one standard deviation: they belong to the class. Set them on self, so that each "
    "object has its own.",
    see=SERIES, within=FIT,
    edits=(("self.mean = ", "Standardizer.mean = "), ("self.std = ", "Standardizer.std = ")),
)  # fmt: skip
misconception(
    "standardizer_fit_returns_nothing",
    "Your fit returns nothing, so Standardizer().fit(train) is None. End it with `return self`.",
    see=SERIES, within=FIT, edits=("        return self\n", ""),
)  # fmt: skip
misconception(
    "standardizer_fit_transforms",
    "Your fit returns the transformed series. It only remembers, and returns the object: `return self`.",
    see=SERIES, within=FIT, edits=("return self", "return self.transform(series)"),
)  # fmt: skip
misconception(
    "standardizer_shifts_after_scaling",
    "Your transform divides first and subtracts the mean of the unscaled series afterwards. Subtract, then divide.",
    see=SERIES, within="Standardizer.transform", edits=(TRANSFORM, "return series / self.std - self.mean"),
)  # fmt: skip
misconception(
    "standardizer_inverse_in_wrong_order",
    "Your inverse_transform adds the mean first and multiplies afterwards. Undo the last step first: multiply, then add.",
    see=SERIES, within="Standardizer.inverse_transform", edits=(INVERSE, "return (series + self.mean) * self.std"),
)  # fmt: skip
misconception(
    "standardizer_inverse_forgets_mean",
    "Your inverse_transform multiplies by the standard deviation, but does not add the mean.",
    see=SERIES, within="Standardizer.inverse_transform", edits=(INVERSE, "return series * self.std"),
)  # fmt: skip
misconception(
    "standardizer_inverse_transforms",
    "Your inverse_transform transforms once more. It is the way back: multiply by the standard deviation and add the mean.",
    see=SERIES, within="Standardizer.inverse_transform", edits=(INVERSE, "return (series - self.mean) / self.std"),
)  # fmt: skip
misconception(
    "standardizer_in_place",
    "Your transform changes the series that it is given (-=, /=). Make a new tensor.",
    see=SERIES, within="Standardizer.transform", edits=(TRANSFORM, "return series.sub_(self.mean).div_(self.std)"),
)  # fmt: skip

# make_windows

RETURN = "return stretches[:, :window].unsqueeze(2), stretches[:, window:]"

misconception(
    "windows_overlap_targets",
    "The targets of your make_windows begin inside of the window, so the model is asked for what it has just read. They begin "
    "right after its last value.",
    see=SERIES, within="make_windows", edits=(RETURN, "return stretches[:, :window].unsqueeze(2), stretches[:, window - 1 : -1]"),
)  # fmt: skip
misconception(
    "windows_skip_a_value",
    "Your make_windows leaves a value out between window and target. The targets begin right after the window's last value.",
    see=SERIES, within="make_windows",
    edits=(("unfold(0, window + horizon, 1)", "unfold(0, window + horizon + 1, 1)"),
           ("stretches[:, window:]\n", "stretches[:, window + 1 :]\n"),
           ("len(series) < window + horizon", "len(series) < window + horizon + 1")),
)  # fmt: skip
misconception(
    "windows_lose_the_last",
    "Your make_windows stops one window too early. N is T - window - horizon + 1, and range(n) ends at n - 1 already.",
    see=SERIES, within="make_windows",
    edits=(RETURN, "return stretches[:-1, :window].unsqueeze(2), stretches[:-1, window:]"),
)  # fmt: skip
misconception(
    "windows_lose_the_first",
    "Your make_windows begins one step too late: the first window starts with the first value of the series.",
    see=SERIES, within="make_windows",
    edits=(RETURN, "return stretches[1:, :window].unsqueeze(2), stretches[1:, window:]"),
)  # fmt: skip
misconception(
    "windows_ignore_horizon",
    "Your make_windows gives one target for each window, whatever the horizon. The targets are (N, horizon): the next values, "
    "as many as horizon says.",
    see=SERIES, within="make_windows", edits=("stretches[:, window:]\n", "stretches[:, window : window + 1]\n"),
)  # fmt: skip
misconception(
    "windows_target_the_last_of_horizon",
    "Your make_windows gives only the value `horizon` steps ahead. The targets are all the values up to there, (N, horizon).",
    see=SERIES, within="make_windows", edits=("stretches[:, window:]\n", "stretches[:, -1:]\n"),
)  # fmt: skip
misconception(
    "windows_count_ignores_horizon",
    "Your make_windows counts the windows as if the horizon were 1, so the last targets are too short or missing. N is "
    "T - window - horizon + 1.",
    see=SERIES, within="make_windows",
    edits=(RETURN, "count = len(series) - window\n"
                   "    inputs = torch.stack([series[i : i + window] for i in range(count)]).unsqueeze(2)\n"
                   "    return inputs, torch.stack([series[i + window : i + window + horizon] for i in range(count)])"),
)  # fmt: skip
misconception(
    "windows_without_feature_dimension",
    "The inputs of your make_windows are (N, window). A recurrent network reads vectors, here of one number: add a last dimension "
    "with unsqueeze(-1).",
    see=SERIES, within="make_windows", edits=("stretches[:, :window].unsqueeze(2)", "stretches[:, :window]"),
)  # fmt: skip
misconception(
    "windows_feature_dimension_in_the_middle",
    "The inputs of your make_windows are (N, 1, window). Time comes before the features: (N, window, 1).",
    see=SERIES, within="make_windows", edits=("unsqueeze(2)", "unsqueeze(1)"),
)  # fmt: skip
misconception(
    "windows_time_first",
    "The inputs of your make_windows are (window, N, 1). The windows come first: (N, window, 1).",
    see=SERIES, within="make_windows", edits=("stretches[:, :window].unsqueeze(2)", "stretches[:, :window].T.unsqueeze(2)"),
)  # fmt: skip
misconception(
    "windows_targets_with_feature_dimension",
    "The targets of your make_windows are (N, horizon, 1); they should be (N, horizon), as the model's output is.",
    see=SERIES, within="make_windows", edits=("stretches[:, window:]\n", "stretches[:, window:].unsqueeze(2)\n"),
)  # fmt: skip
misconception(
    "windows_targets_squeezed",
    "With a horizon of 1 the targets of your make_windows are (N,); they should be (N, 1). Beside a prediction of (N, 1) the "
    "loss would compare every window with every target.",
    see=SERIES, within="make_windows", edits=("stretches[:, window:]\n", "stretches[:, window:].squeeze(1)\n"),
)  # fmt: skip
misconception(
    "windows_without_overlap",
    "Your make_windows moves on by a whole window each time. It moves on by one value, which gives as many windows as there "
    "can be.",
    see=SERIES, within="make_windows", edits=("window + horizon, 1)", "window + horizon, window)"),
)  # fmt: skip
misconception(
    "windows_move_by_horizon",
    "Your make_windows moves on by the horizon each time. It moves on by one value.",
    see=SERIES, within="make_windows", edits=("window + horizon, 1)", "window + horizon, horizon)"),
)  # fmt: skip
misconception(
    "windows_backwards",
    "The windows of your make_windows run backwards in time. The oldest value comes first.",
    see=SERIES, within="make_windows", edits=("stretches[:, :window].unsqueeze(2)", "stretches[:, :window].flip(1).unsqueeze(2)"),
)  # fmt: skip
misconception(
    "windows_detached",
    "The numbers of your make_windows are right, but cut out of the graph: torch.tensor(…), .numpy() and .tolist() lose the "
    "gradient. Slice the tensor itself.",
    see=SERIES, within="make_windows", edits=("series.unfold", "series.detach().unfold"),
)  # fmt: skip
misconception(
    "windows_in_float32",
    "Your make_windows always answers in float32. Keep the dtype of the series.",
    see=SERIES, within="make_windows", edits=("series.unfold", "series.float().unfold"),
)  # fmt: skip
misconception(
    "windows_refuse_one_too_many",
    "Your make_windows refuses a series that holds exactly one window with its target. That is enough: N is 1.",
    see=SERIES, within="make_windows", edits=("len(series) < window + horizon", "len(series) <= window + horizon"),
)  # fmt: skip
misconception(
    "windows_refuse_by_window_alone",
    "Your make_windows checks for the window alone. The target needs room as well: window + horizon values at least.",
    see=SERIES, within="make_windows",
    edits=("len(series) < window + horizon:", "len(series) < window:"),
)  # fmt: skip
misconception(
    "windows_of_too_short_a_series",
    "Your make_windows gives empty tensors for a series that is too short. Nothing could be learned from them: raise a "
    "ValueError.",
    see=SERIES, within="make_windows",
    edits=('raise ValueError(f"{len(series)} values are too few for {window} and {horizon} after them")',
           "return series.new_empty(0, window, 1), series.new_empty(0, horizon)"),
)  # fmt: skip

# Forecaster

misconception(
    "forecaster_not_batch_first",
    "Your Forecaster's network is not batch_first: it takes the batch for time, so the windows of a batch see each other. Give "
    "it batch_first=True.",
    see=SERIES, within="Forecaster", edits=("batch_first=True", "batch_first=False"),
)  # fmt: skip
misconception(
    "forecaster_reads_first_step",
    "Your Forecaster takes the output of the first step, which has seen one value only. The last step has seen the whole window.",
    see=SERIES, within="Forecaster", edits=("output[:, -1]", "output[:, 0]"),
)  # fmt: skip
misconception(
    "forecaster_without_recurrence",
    "Your Forecaster looks at the last value of the window alone. A recurrent network reads the window step by step.",
    see=SERIES, within="Forecaster", edits=("self.lstm(x)", "self.lstm(x[:, -1:])"),
)  # fmt: skip
misconception(
    "forecaster_averages_values",
    "Your Forecaster takes the mean of the window before anything reads it, so the order of the values is lost. Let the "
    "recurrent network read them one by one.",
    see=SERIES, within="Forecaster", edits=("self.lstm(x)", "self.lstm(x.mean(dim=1, keepdim=True))"),
)  # fmt: skip
misconception(
    "forecaster_answers_every_step",
    "Your Forecaster gives a forecast for every step of the window. Only the last step has seen all of it: (B, horizon).",
    see=SERIES, within="Forecaster", edits=("output[:, -1]", "output"),
)  # fmt: skip
misconception(
    "forecaster_last_of_batch",
    "Your Forecaster takes output[-1], which is the last window of the batch. The last step is output[:, -1].",
    see=SERIES, within="Forecaster", edits=("output[:, -1]", "output[-1]"),
)  # fmt: skip
misconception(
    "forecaster_ignores_horizon",
    "Your Forecaster always gives one value. The last layer has as many outputs as the horizon.",
    see=SERIES, within="Forecaster", edits=("nn.Linear(hidden_size, horizon)", "nn.Linear(hidden_size, 1)"),
)  # fmt: skip
misconception(
    "forecaster_ignores_layers",
    "Your Forecaster ignores num_layers: it always has one layer.",
    see=SERIES, within="Forecaster", edits=("hidden_size, num_layers, batch", "hidden_size, batch"),
)  # fmt: skip
misconception(
    "forecaster_ignores_hidden_size",
    "Your Forecaster ignores hidden_size: it is always equally large.",
    see=SERIES, within="Forecaster",
    edits=(("nn.LSTM(1, hidden_size", "nn.LSTM(1, 16"), ("nn.Linear(hidden_size", "nn.Linear(16")),
)  # fmt: skip
misconception(
    "forecaster_squeezes",
    "With a horizon of 1 your Forecaster gives (B,); it should be (B, 1). Beside targets of (B, 1) the loss would compare every "
    "window with every target.",
    see=SERIES, within="Forecaster", edits=("self.fc(output[:, -1])", "self.fc(output[:, -1]).squeeze(-1)"),
)  # fmt: skip
misconception(
    "forecaster_keeps_state",
    "Your Forecaster goes on from the state of the call before. Every window starts anew: give no state.",
    see=SERIES, within="Forecaster",
    edits=("output, _ = self.lstm(x)\n",
           "state = getattr(self, 'state', None)\n"
           "        state = None if state is None or state[0].shape[1] != len(x) else state\n"
           "        output, state = self.lstm(x, state)\n"
           "        self.state = tuple(part.detach() for part in state)\n"),
)  # fmt: skip
misconception(
    "forecaster_detached",
    "The forecast of your Forecaster is cut out of the graph (.data, .detach() or no_grad), so nothing can be learned.",
    see=SERIES, within="Forecaster", edits=("self.lstm(x)", "self.lstm(x.detach())"),
)  # fmt: skip
misconception(
    "forecaster_in_float32",
    "Your Forecaster starts from a state of float32, so it fails when model and windows are float64. Give no state, or make it "
    "with x.new_zeros(…).",
    see=SERIES, within="Forecaster",
    edits=("self.lstm(x)", "self.lstm(x, 2 * (torch.zeros(self.lstm.num_layers, len(x), self.lstm.hidden_size),))"),
)  # fmt: skip

# train_forecaster

TRAIN = "train_forecaster"
LOSS = "loss = nn.functional.mse_loss(model(inputs[batch]), targets[batch])"
STEPS = (
    "            optimizer.zero_grad()\n"
    "            loss.backward()\n"
    "            optimizer.step()\n"
    "            total += loss.item() * len(batch)\n"
)
EPOCHS = "    for _ in range(epochs):\n"
PERMUTATION = "torch.randperm(len(inputs), generator=generator)"
MAKE = "    generator = torch.Generator().manual_seed(seed)\n"

misconception(
    "training_mean_absolute_error",
    "Your train_forecaster minimizes the mean absolute error (L1). The exercise asks for the mean squared error.",
    see=SERIES, within=TRAIN, edits=("nn.functional.mse_loss", "nn.functional.l1_loss"),
)  # fmt: skip
misconception(
    "training_root_of_error",
    "Your train_forecaster takes the root of the mean squared error. Minimize the mean squared error itself.",
    see=SERIES, within=TRAIN, edits=(LOSS, LOSS + ".sqrt()"),
)  # fmt: skip
misconception(
    "training_sum_of_errors",
    "Your train_forecaster sums the squared errors. Their mean does not depend on how large a batch is: reduction='mean'.",
    see=SERIES, within=TRAIN, edits=("targets[batch])", "targets[batch], reduction='sum')"),
)  # fmt: skip
misconception(
    "training_with_sgd",
    "Your train_forecaster uses plain gradient descent (SGD). The exercise asks for Adam.",
    see=SERIES, within=TRAIN, edits=("torch.optim.Adam(", "torch.optim.SGD("),
)  # fmt: skip
misconception(
    "training_with_rmsprop",
    "Your train_forecaster uses RMSprop. The exercise asks for Adam.",
    see=SERIES, within=TRAIN, edits=("torch.optim.Adam(", "torch.optim.RMSprop("),
)  # fmt: skip
misconception(
    "training_with_decay",
    "Your train_forecaster decays the weights, as AdamW does by default. The exercise asks for Adam without decay.",
    see=SERIES, within=TRAIN, edits=("torch.optim.Adam(", "torch.optim.AdamW("),
)  # fmt: skip
misconception(
    "training_ignores_lr",
    "Your train_forecaster ignores lr: hand it to the optimizer.",
    see=SERIES, within=TRAIN, edits=(", lr=lr)", ", lr=0.01)"),
)  # fmt: skip
misconception(
    "training_keeps_gradients",
    "Your train_forecaster never clears the gradients, so every step adds to those before. Call optimizer.zero_grad() before "
    "each backward.",
    see=SERIES, within=TRAIN, edits=("            optimizer.zero_grad()\n", ""),
)  # fmt: skip
misconception(
    "training_clears_once_an_epoch",
    "Your train_forecaster clears the gradients once an epoch, so the batches of an epoch add up. Call optimizer.zero_grad() "
    "before each backward.",
    see=SERIES, within=TRAIN,
    edits=(("            optimizer.zero_grad()\n", ""), ("        total = 0.0\n", "        total = 0.0\n        optimizer.zero_grad()\n")),
)  # fmt: skip
misconception(
    "training_without_step",
    "Your train_forecaster leaves the model as it was: optimizer.step() is missing, or the gradients are cleared between backward and step.",
    see=SERIES, within=TRAIN, edits=("            optimizer.step()\n", ""),
)  # fmt: skip
misconception(
    "training_new_optimizer_each_epoch",
    "Your train_forecaster makes a new optimizer in every epoch, so Adam forgets its moments each time. Make it once, before "
    "the loop.",
    see=SERIES, within=TRAIN,
    edits=("        total = 0.0\n", "        total = 0.0\n        optimizer = torch.optim.Adam(model.parameters(), lr=lr)\n"),
)  # fmt: skip
misconception(
    "training_loss_after_step",
    "The losses of your train_forecaster are computed after the step. Return those met on the way, before each step: they cost "
    "nothing.",
    see=SERIES, within=TRAIN,
    edits=("total += loss.item() * len(batch)",
           "total += nn.functional.mse_loss(model(inputs[batch]), targets[batch]).item() * len(batch)"),
)  # fmt: skip
misconception(
    "training_loss_of_each_batch",
    "Your train_forecaster returns a loss for each batch. Return one for each epoch: the mean over its windows.",
    see=SERIES, within=TRAIN,
    edits=(("total += loss.item() * len(batch)\n", "losses.append(loss.item())\n"), ("        losses.append(total / len(inputs))\n", "")),
)  # fmt: skip
misconception(
    "training_losses_as_tensors",
    "The losses of your train_forecaster are tensors, which keep every epoch's graph in memory. Take loss.item().",
    see=SERIES, within=TRAIN, edits=("loss.item() * len(batch)", "loss * len(batch)"),
)  # fmt: skip
misconception(
    "training_returns_last_loss",
    "Your train_forecaster returns the last loss alone. Return a list with the loss of every epoch.",
    see=SERIES, within=TRAIN, edits=("return losses", "return losses[-1]"),
)  # fmt: skip
misconception(
    "training_returns_nothing",
    "Your train_forecaster returns nothing. Return the list of losses.",
    see=SERIES, within=TRAIN, edits=("    return losses\n", ""),
)  # fmt: skip
misconception(
    "training_fixed_epochs",
    "Your train_forecaster ignores epochs: it always runs 100.",
    see=SERIES, within=TRAIN, edits=("range(epochs)", "range(100)"),
)  # fmt: skip
misconception(
    "training_of_a_copy",
    "Your train_forecaster trains a copy of the model. The model that the caller holds should be trained.",
    see=SERIES, within=TRAIN, edits=(MAKE, "    import copy\n\n    model = copy.deepcopy(model)\n" + MAKE),
)  # fmt: skip
misconception(
    "training_broadcasts",
    "Your train_forecaster squeezes the predictions to (B,), but the targets are (B, 1): the loss then compares every window "
    "with every target. PyTorch warns of it. Keep both in the same shape.",
    see=SERIES, within=TRAIN, edits=("nn.functional.mse_loss(model(inputs[batch]), targets[batch])",
                                     "(model(inputs[batch]).squeeze(-1) - targets[batch]).square().mean()"),
)  # fmt: skip
misconception(
    "training_shuffles_inputs_alone",
    "Your train_forecaster shuffles the inputs without their targets, so each window is compared with another one's future. "
    "Index both with the same permutation.",
    see=SERIES, within=TRAIN,
    edits=(("        for batch in torch.randperm(len(inputs), generator=generator).split(batch_size):\n",
            "        order = torch.randperm(len(inputs), generator=generator)\n"
            "        for batch, place in zip(order.split(batch_size), torch.arange(len(inputs)).split(batch_size)):\n"),
           ("targets[batch]", "targets[place]")),
)  # fmt: skip
misconception(
    "training_drops_last_batch",
    "Your train_forecaster drops the last batch of an epoch because it is smaller (drop_last, or N // batch_size batches). It "
    "counts too.",
    see=SERIES, within=TRAIN,
    edits=(".split(batch_size):\n", ".split(batch_size):\n            if len(batch) < min(batch_size, len(inputs)):\n                continue\n"),
)  # fmt: skip
misconception(
    "training_in_one_batch",
    "Your train_forecaster gives the model all windows at once. Take batch_size of them a step.",
    see=SERIES, within=TRAIN, edits=(".split(batch_size)", ".split(len(inputs))"),
)  # fmt: skip
misconception(
    "training_one_by_one",
    "Your train_forecaster makes a step for every single window. Take batch_size of them a step.",
    see=SERIES, within=TRAIN, edits=(".split(batch_size)", ".split(1)"),
)  # fmt: skip
misconception(
    "training_draws_with_replacement",
    "Your train_forecaster draws windows at random, so that some come twice and others never. Shuffle: every window comes once "
    "in an epoch.",
    see=SERIES, within=TRAIN,
    edits=(PERMUTATION, "torch.randint(len(inputs), (len(inputs),), generator=generator)"),
)  # fmt: skip
misconception(
    "training_ignores_seed",
    "Your train_forecaster always shuffles from the same seed. Make the generator from the argument seed.",
    see=SERIES, within=TRAIN, edits=("manual_seed(seed)", "manual_seed(0)"),
)  # fmt: skip
misconception(
    "training_in_order",
    "Your train_forecaster does not shuffle. Neighboring windows are nearly the same, so each batch would know one corner of the "
    "series only: shuffle anew in every epoch.",
    see=SERIES, within=TRAIN, edits=(PERMUTATION, "torch.arange(len(inputs))"),
)  # fmt: skip
misconception(
    "training_same_order_every_epoch",
    "Your train_forecaster has the same order in every epoch: it shuffles once before the loop, or makes the generator anew "
    "inside of it. Make the generator once, and shuffle in each epoch.",
    see=SERIES, within=TRAIN,
    edits=((MAKE, ""), (EPOCHS, EPOCHS + "        generator = torch.Generator().manual_seed(seed)\n")),
)  # fmt: skip
misconception(
    "training_shuffles_batches",
    "Your train_forecaster cuts the series into batches and shuffles those, so the same neighbors always share a batch. Shuffle "
    "the windows, then cut.",
    see=SERIES, within=TRAIN,
    edits=("in torch.randperm(len(inputs), generator=generator).split(batch_size):",
           "in [torch.arange(len(inputs)).split(batch_size)[k] for k in "
           "torch.randperm(-(-len(inputs) // batch_size), generator=generator)]:"),
)  # fmt: skip
misconception(
    "training_in_eval_mode",
    "Your train_forecaster leaves the model in the mode in which it came. A model in eval mode has no dropout: call model.train() "
    "first.",
    see=SERIES, within=TRAIN, edits=("    model.train()\n", ""),
)  # fmt: skip
misconception(
    "training_seeds_globally",
    "Your train_forecaster calls torch.manual_seed, and so resets the randomness of the whole program. Make a generator of your "
    "own: torch.Generator().manual_seed(seed).",
    see=SERIES, within=TRAIN,
    edits=((MAKE, "    torch.manual_seed(seed)\n"), (", generator=generator", "")),
)  # fmt: skip
misconception(
    "training_draws_globally",
    "Your train_forecaster does not shuffle from the seed, but with PyTorch's global generator. Make a generator from the seed and hand "
    "it to torch.randperm (or to the DataLoader).",
    see=SERIES, within=TRAIN, edits=((MAKE, ""), (", generator=generator", "")),
)  # fmt: skip
misconception(
    "training_sums_batch_losses",
    "The losses of your train_forecaster are sums over an epoch's batches. Divide, so that they are means.",
    see=SERIES, within=TRAIN,
    edits=(("loss.item() * len(batch)", "loss.item()"), ("total / len(inputs)", "total")),
)  # fmt: skip
misconception(
    "training_divides_by_windows",
    "Your train_forecaster adds up batch means and divides by the number of windows, which makes the losses too small. Multiply "
    "each by len(batch) first.",
    see=SERIES, within=TRAIN, edits=("loss.item() * len(batch)", "loss.item()"),
)  # fmt: skip
misconception(
    "training_last_batch_loss",
    "The losses of your train_forecaster are those of each epoch's last batch. Take the mean over the epoch.",
    see=SERIES, within=TRAIN, edits=("losses.append(total / len(inputs))", "losses.append(loss.item())"),
)  # fmt: skip


@misconception(
    "training_defaults",
    "The defaults of your train_forecaster are not those of the exercise: epochs=100, lr=0.01, batch_size=32, seed=0.",
    see=SERIES,
)
def train_forecaster(model, inputs, targets, epochs=100, lr=0.001, batch_size=32, seed=0):
    """With the learning rate that Adam has by default."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(inputs), generator=generator).split(batch_size):
            loss = nn.functional.mse_loss(model(inputs[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(inputs))
    return losses


# forecast

NEXT = "model(values[-len(history) :].reshape(1, -1, 1))[0]"
APPEND = "values = torch.cat([values, block])"
RESULT = "return values[len(history) : len(history) + steps]"

misconception(
    "forecast_never_feeds_back",
    "Your forecast reads the same history at every step, so it repeats itself. Put each prediction at the end of the history and "
    "read on from there.",
    see=SERIES, within="forecast", edits=(NEXT, "model(history.reshape(1, -1, 1))[0]"),
)  # fmt: skip
misconception(
    "forecast_one_value_a_call",
    "Your forecast keeps only the first value of each block and calls the model again for the next. A block is made as a whole: "
    "use all of its horizon.",
    see=SERIES, within="forecast", edits=(NEXT, NEXT + "[:1]"),
)  # fmt: skip
misconception(
    "forecast_last_value_of_block",
    "Your forecast keeps only the last value of each block. All values of a block are predictions, one for each step.",
    see=SERIES, within="forecast", edits=(NEXT, NEXT + "[-1:]"),
)  # fmt: skip
misconception(
    "forecast_feeds_back_first_of_block",
    "Your forecast returns whole blocks, but puts only the first value of each into the window. The window moves on by the whole "
    "block.",
    see=SERIES, within="forecast",
    edits=(("values = history\n", "values, window = history, history\n"),
           (NEXT, "model(window.reshape(1, -1, 1))[0]"),
           (APPEND, APPEND + "\n            window = torch.cat([window[1:], block[:1]])")),
)  # fmt: skip
misconception(
    "forecast_feeds_back_last_of_block",
    "Your forecast returns whole blocks, but puts only the last value of each into the window. The window moves on by the whole "
    "block.",
    see=SERIES, within="forecast",
    edits=(("values = history\n", "values, window = history, history\n"),
           (NEXT, "model(window.reshape(1, -1, 1))[0]"),
           (APPEND, APPEND + "\n            window = torch.cat([window[1:], block[-1:]])")),
)  # fmt: skip
misconception(
    "forecast_window_grows",
    "The window of your forecast grows with every prediction. It keeps its length: drop as many of the oldest values as were "
    "added.",
    see=SERIES, within="forecast", edits=("values[-len(history) :]", "values"),
)  # fmt: skip
misconception(
    "forecast_prepends",
    "Your forecast puts the predictions in front of the history. They are the newest values, so they come last.",
    see=SERIES, within="forecast",
    edits=(("values = history\n", "values, window = history, history\n"),
           (NEXT, "model(window.reshape(1, -1, 1))[0]"),
           (APPEND, APPEND + "\n            window = torch.cat([block, window])[: len(history)]")),
)  # fmt: skip
misconception(
    "forecast_reverses_window",
    "Your forecast gives the window to the model backwards. The oldest value comes first.",
    see=SERIES, within="forecast", edits=("values[-len(history) :]", "values[-len(history) :].flip(0)"),
)  # fmt: skip
misconception(
    "forecast_too_long",
    "Your forecast does not cut the last block: it gives more values than were asked for.",
    see=SERIES, within="forecast", edits=(RESULT, "return values[len(history) :]"),
)  # fmt: skip
misconception(
    "forecast_too_short",
    "Your forecast leaves the last block out where it would be cut. Make one more, and cut it.",
    see=SERIES, within="forecast",
    edits=(RESULT, "whole = (len(values) - len(history) - len(block)) // len(block) * len(block) + len(block) * "
                   "(steps % len(block) == 0)\n    return values[len(history) : len(history) + whole]"),
)  # fmt: skip
misconception(
    "forecast_repeats_history",
    "Your forecast returns the history, too. Return the new values alone.",
    see=SERIES, within="forecast", edits=(RESULT, "return values[: len(history) + steps]"),
)  # fmt: skip
misconception(
    "forecast_with_batch_dimension",
    "Your forecast has the shape (1, steps) or (steps, 1); it should be (steps,).",
    see=SERIES, within="forecast", edits=(RESULT, RESULT + ".unsqueeze(1)"),
)  # fmt: skip
misconception(
    "forecast_window_as_batch",
    "Your forecast gives the window to the model as a batch of single values. It is one window: reshape(1, -1, 1).",
    see=SERIES, within="forecast", edits=(".reshape(1, -1, 1)", ".reshape(-1, 1, 1)"),
)  # fmt: skip
misconception(
    "forecast_without_feature_dimension",
    "Your forecast gives the model a window of shape (1, window). The last dimension is missing: (1, window, 1).",
    see=SERIES, within="forecast", edits=(".reshape(1, -1, 1)", ".reshape(1, -1)"),
)  # fmt: skip
misconception(
    "forecast_as_list",
    "Your forecast is a list. Return a tensor, (steps,).",
    see=SERIES, within="forecast", edits=(RESULT, RESULT + ".tolist()"),
)  # fmt: skip
misconception(
    "forecast_in_train_mode",
    "Your forecast uses the model in train mode, so dropout makes it random. Call model.eval() first.",
    see=SERIES, within="forecast", edits=("    model.eval()\n", ""),
)  # fmt: skip
misconception(
    "forecast_with_gradient",
    "Your forecast carries a gradient through all of its steps. Nobody trains here: predict under torch.no_grad().",
    see=SERIES, within="forecast", edits=("with torch.no_grad():", "with torch.enable_grad():"),
)  # fmt: skip
misconception(
    "forecast_leaves_eval_mode",
    "Your forecast leaves the model in eval mode. Remember model.training, and set it back with model.train(…).",
    see=SERIES, within="forecast", edits=("    model.train(training)\n", ""),
)  # fmt: skip
misconception(
    "forecast_leaves_train_mode",
    "Your forecast leaves every model in train mode. Set it back to what it was: model.train(training).",
    see=SERIES, within="forecast", edits=("model.train(training)", "model.train()"),
)  # fmt: skip
misconception(
    "forecast_changes_history",
    "Your forecast writes its predictions into the history that it is given. Work on a copy: history.clone().",
    see=SERIES, within="forecast",
    edits=(APPEND, APPEND + "\n            history.copy_(values[-len(history) :])"),
)  # fmt: skip

# seasonal_naive

NAIVE = "return train[-season:].repeat(steps // season + 1)[:steps]"

misconception(
    "seasonal_repeats_first_season",
    "Your seasonal_naive repeats the first season of the series. The best guess is the last one.",
    see=SERIES, within="seasonal_naive", edits=("train[-season:]", "train[:season]"),
)  # fmt: skip
misconception(
    "seasonal_wrong_phase",
    "Your seasonal_naive begins at the wrong place of the season. The first step of the forecast looks back exactly one season "
    "from itself: train[-season].",
    see=SERIES, within="seasonal_naive",
    edits=(NAIVE, "return torch.stack([train[len(train) - season + (len(train) + step) % season] for step in range(steps)])"),
)  # fmt: skip
misconception(
    "seasonal_late_by_one",
    "Your seasonal_naive takes the season that ended one step before the last value. The last season ends with the last value.",
    see=SERIES, within="seasonal_naive",
    edits=("train[-season:]", "train[max(0, len(train) - season - 1) : max(season, len(train) - 1)]"),
)  # fmt: skip
misconception(
    "seasonal_persistence",
    "Your seasonal_naive repeats the last value. That is persistence, a season of 1; repeat the whole last season.",
    see=SERIES, within="seasonal_naive", edits=("train[-season:].repeat(steps // season + 1)", "train[-1:].repeat(steps)"),
)  # fmt: skip
misconception(
    "seasonal_stretches",
    "Your seasonal_naive repeats each value by itself (repeat_interleave). Repeat the season as a whole: repeat.",
    see=SERIES, within="seasonal_naive",
    edits=("repeat(steps // season + 1)", "repeat_interleave(steps // season + 1)"),
)  # fmt: skip
misconception(
    "seasonal_backwards",
    "Your seasonal_naive runs through the season backwards.",
    see=SERIES, within="seasonal_naive", edits=("train[-season:]", "train[-season:].flip(0)"),
)  # fmt: skip
misconception(
    "seasonal_last_steps",
    "Your seasonal_naive returns the last `steps` values. It repeats the last season, however many steps there are.",
    see=SERIES, within="seasonal_naive", edits=(NAIVE, "return train[-steps:]"),
)  # fmt: skip
misconception(
    "seasonal_whole_seasons",
    "Your seasonal_naive gives whole seasons. Cut to as many steps as were asked for.",
    see=SERIES, within="seasonal_naive", edits=("repeat(steps // season + 1)[:steps]", "repeat(-(-steps // season))"),
)  # fmt: skip
misconception(
    "seasonal_too_short",
    "Your seasonal_naive gives too few values where steps is no multiple of the season. Round up, then cut.",
    see=SERIES, within="seasonal_naive", edits=("steps // season + 1", "max(1, steps // season)"),
)  # fmt: skip
misconception(
    "seasonal_mean",
    "Your seasonal_naive repeats the mean of the last season. Repeat its values.",
    see=SERIES, within="seasonal_naive", edits=("train[-season:]", "train[-season:].mean().repeat(season)"),
)  # fmt: skip
misconception(
    "seasonal_detached",
    "The numbers of your seasonal_naive are right, but cut out of the graph: torch.tensor(…), .item() and .tolist() lose the "
    "gradient and the dtype. Slice and repeat the tensor itself.",
    see=SERIES, within="seasonal_naive", edits=("train[-season:]", "train[-season:].detach()"),
)  # fmt: skip

# mase

ERROR = "(target - prediction).abs().mean()"
SCALE = "(train[season:] - train[:-season]).abs().mean()"

misconception(
    "mase_scaled_by_test_part",
    "Your mase is scaled by the naive error in the test part. Scale by the training part: it is the same for every forecast, and "
    "long enough.",
    see=SERIES, within="mase",
    edits=(SCALE, "(target[1:] - target[:-1]).abs().mean()"),
)  # fmt: skip
misconception(
    "mase_ignores_season",
    "Your mase ignores the season: the naive error is |train[t] - train[t - season]|, and not that of the last value.",
    see=SERIES, within="mase", edits=(SCALE, "(train[1:] - train[:-1]).abs().mean()"),
)  # fmt: skip
misconception(
    "mase_squares",
    "Your mase takes squared errors. It is made of absolute ones, above and below the line.",
    see=SERIES, within="mase",
    edits=(((ERROR, "(target - prediction).square().mean()")), (SCALE, "(train[season:] - train[:-season]).square().mean()")),
)  # fmt: skip
misconception(
    "mase_squares_above",
    "Your mase takes the mean squared error of the forecast. It is the mean absolute error.",
    see=SERIES, within="mase", edits=(ERROR, "(target - prediction).square().mean()"),
)  # fmt: skip
misconception(
    "mase_not_scaled",
    "Your mase is the mean absolute error without a scale. Divide by the naive error in the training part.",
    see=SERIES, within="mase", edits=("(" + ERROR + " / naive_error)", ERROR),
)  # fmt: skip
misconception(
    "mase_upside_down",
    "Your mase is upside down: the forecast's error is divided by the naive one. Smaller is better.",
    see=SERIES, within="mase", edits=(ERROR + " / naive_error", "naive_error / " + ERROR),
)  # fmt: skip
misconception(
    "mase_sums",
    "Your mase divides sums. The two parts have different lengths, so take the means.",
    see=SERIES, within="mase",
    edits=((ERROR, "(target - prediction).abs().sum()"), (SCALE, "(train[season:] - train[:-season]).abs().sum()")),
)  # fmt: skip
misconception(
    "mase_signed",
    "Your mase leaves out the absolute values, so errors up and down cancel out.",
    see=SERIES, within="mase", edits=(ERROR, "(target - prediction).mean()"),
)  # fmt: skip
misconception(
    "mase_scaled_by_level",
    "Your mase is scaled by the size of the series, as a percentage error is. Scale by the error of the naive forecast.",
    see=SERIES, within="mase", edits=(SCALE, "train.abs().mean()"),
)  # fmt: skip
misconception(
    "mase_scaled_by_spread",
    "Your mase is scaled by the standard deviation of the training part. Scale by the error of the naive forecast.",
    see=SERIES, within="mase", edits=(SCALE, "train.std(correction=0)"),
)  # fmt: skip
misconception(
    "mase_scaled_by_mean_forecast",
    "Your mase is scaled by the distance from the training part's mean. The naive forecast is the value one season before.",
    see=SERIES, within="mase", edits=(SCALE, "(train - train.mean()).abs().mean()"),
)  # fmt: skip
misconception(
    "mase_divides_by_all",
    "Your mase divides the naive error's sum by T. There are only T - season differences.",
    see=SERIES, within="mase", edits=(SCALE, "(train[season:] - train[:-season]).abs().sum() / len(train)"),
)  # fmt: skip
misconception(
    "mase_as_tensor",
    "Your mase is a tensor; it should be a float: .item().",
    see=SERIES, within="mase", edits=(").item()", ")"),
)  # fmt: skip
misconception(
    "mase_per_step",
    "Your mase gives a value for each step. Take the mean over the steps.",
    see=SERIES, within="mase",
    edits=("return (" + ERROR + " / naive_error).item()", "return ((target - prediction).abs() / naive_error).tolist()"),
)  # fmt: skip
