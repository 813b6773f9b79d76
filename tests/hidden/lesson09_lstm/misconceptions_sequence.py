"""Typical wrong answers to `sequence`, as edits of the reference."""

import torch

from grader.suite.writing import misconception

WHAT = "What is an LSTM"
GATES = "Gates: forget, input, output"
CELL = "Cell state v hidden state"
BATCHES = "Training on text data"

FORWARD = "LSTMLayer.forward"
INIT = "LSTMLayer.__init__"

# The step itself

misconception(
    "forget_and_input_swapped",
    "Your layer takes the first part of the pre-activations for the forget gate. PyTorch's order is i, f, "
    "g, o: the input gate comes first.",
    see=GATES, within=FORWARD, edits=("i, f, g, o =", "f, i, g, o ="),
)  # fmt: skip
misconception(
    "output_before_candidate",
    "Your layer cuts the pre-activations in the order i, f, o, g. PyTorch's order is i, f, g, o: the "
    "candidate comes third, the output gate last.",
    see=GATES, within=FORWARD, edits=("i, f, g, o =", "i, f, o, g ="),
)  # fmt: skip
misconception(
    "without_recurrent_bias",
    "Your layer leaves bias_hh_l0 out. PyTorch has two biases, and both are added.",
    see=GATES, within=FORWARD, edits=(" + self.bias_hh_l0", ""),
)  # fmt: skip
misconception(
    "candidate_uses_sigmoid",
    "Your candidate g goes through the sigmoid. It needs a sign, so it takes tanh; the sigmoid is for the "
    "three gates.",
    see=GATES, within=FORWARD, edits=("torch.tanh(g)", "torch.sigmoid(g)"),
)  # fmt: skip
misconception(
    "hidden_shows_raw_cell",
    "Your hidden state is σ(o) ∘ c. Squash the cell first: h = σ(o) ∘ tanh(c), so that h stays in -1…1.",
    see=CELL, within=FORWARD, edits=("torch.sigmoid(o) * torch.tanh(new_c)", "torch.sigmoid(o) * new_c"),
)  # fmt: skip
misconception(
    "hidden_from_old_cell",
    "Your hidden state is made from the cell state of the step before. First update the cell, then show "
    "the new one: h = σ(o) ∘ tanh(new c).",
    see=CELL, within=FORWARD, edits=("torch.tanh(new_c)", "torch.tanh(c)"),
)  # fmt: skip

# From step to step

misconception(
    "hidden_not_carried",
    "Every step of your layer starts with the hidden state of the beginning; only c is handed on. The "
    "gates of a step must see the h that the step before has left.",
    see=WHAT, within=FORWARD, edits=("h @ self.weight_hh_l0.T", "state[0][0] @ self.weight_hh_l0.T"),
)  # fmt: skip
misconception(
    "state_reset_each_step",
    "Your layer starts every step from the initial state, so it sees one step at a time and remembers "
    "nothing. Set the state once, before the loop, and let every step go on from the last.",
    see=WHAT, within=FORWARD,
    edits=(
        ("h @ self.weight_hh_l0.T", "state[0][0] @ self.weight_hh_l0.T"),
        ("torch.sigmoid(f) * c +", "torch.sigmoid(f) * state[1][0] +"),
    ),
)  # fmt: skip
misconception(
    "time_reversed",
    "Your layer runs through the steps from the last to the first. Time runs forward: step t may use only "
    "what came before it.",
    see=WHAT, within=FORWARD,
    edits=(
        ("x[:, t]", "x[:, T - 1 - t]"),
        ("torch.stack(outputs, dim=1)", "torch.stack(outputs[::-1], dim=1)"),
    ),
)  # fmt: skip
misconception(
    "loops_over_the_batch",
    "Your layer takes the first dimension of x for the time: x[t] is a sequence of the batch, not a step. "
    "Here the batch comes first, so step t is x[:, t].",
    see=WHAT, within=FORWARD,
    edits=(
        ("B, T, _ = x.shape", "T, B, _ = x.shape"), ("x[:, t]", "x[t]"),
        ("torch.stack(outputs, dim=1)", "torch.stack(outputs, dim=0)"),
    ),
)  # fmt: skip
misconception(
    "output_time_first",
    "Your output has the time first, (T, B, H). Join the steps along dimension 1, torch.stack(outputs, "
    "dim=1), to get (B, T, H).",
    see=WHAT, within=FORWARD, edits=("torch.stack(outputs, dim=1)", "torch.stack(outputs, dim=0)"),
)  # fmt: skip
misconception(
    "output_last_step_only",
    "Your output holds the last step only. Every step's hidden state belongs to it, (B, T, H): collect "
    "them in the loop.",
    see=WHAT, within=FORWARD, edits=("torch.stack(outputs, dim=1)", "outputs[-1]"),
)  # fmt: skip
misconception(
    "output_holds_cells",
    "Your output holds the cell states. What a layer shows, and hands to the next one, is h; c stays inside.",
    see=CELL, within=FORWARD,
    edits=(("outputs.append(h)", "outputs.append(c)"), ("h * valid", "c * valid")),
)  # fmt: skip

# The state that is given and returned

misconception(
    "given_state_ignored",
    "Your layer always starts from zeros, also where a state is given. A given (h, c) is where the first "
    "step begins.",
    see=CELL, within=FORWARD, edits=("if state is None:", "if True:"),
)  # fmt: skip
misconception(
    "given_state_swapped",
    "Your layer reads the given state as (c, h). The order is (h, c), hidden state first.",
    see=CELL, within=FORWARD, edits=("h, c = state[0][0], state[1][0]", "c, h = state[0][0], state[1][0]"),
)  # fmt: skip
misconception(
    "returned_state_swapped",
    "Your layer returns the state as (c_n, h_n). The order is (h_n, c_n), hidden state first.",
    see=CELL, within=FORWARD, edits=("(h.unsqueeze(0), c.unsqueeze(0))", "(c.unsqueeze(0), h.unsqueeze(0))"),
)  # fmt: skip
misconception(
    "returned_state_without_layers",
    "Your h_n and c_n have the shape (B, H). As in nn.LSTM there is a dimension for the layers in front, "
    "(1, B, H): unsqueeze(0) adds it.",
    see=CELL, within=FORWARD, edits=("(h.unsqueeze(0), c.unsqueeze(0))", "(h, c)"),
)  # fmt: skip
misconception(
    "returns_flat_triple",
    "Your forward returns three things, output, h_n, c_n. Return two, as nn.LSTM does: output, (h_n, c_n).",
    see=CELL, within=FORWARD, edits=("(h.unsqueeze(0), c.unsqueeze(0))", "h.unsqueeze(0), c.unsqueeze(0)"),
)  # fmt: skip
misconception(
    "returns_output_only",
    "Your forward returns the output alone. Return the state as well, (output, (h_n, c_n)): who calls you "
    "may want to go on from there.",
    see=CELL, within=FORWARD, edits=(", (h.unsqueeze(0), c.unsqueeze(0))", ""),
)  # fmt: skip
misconception(
    "remembers_between_calls",
    "Your layer keeps the state of the last call and goes on from it. A call without a state starts from "
    "zeros, whatever was computed before.",
    see=CELL, within=FORWARD,
    edits=(
        ("zeros = x.new_zeros(1, B, self.hidden_size)", "kept = getattr(self, 'kept', None)"),
        ("state = (zeros, zeros)",
         "fits = kept is not None and kept[0].shape[1] == B\n"
         "            state = kept if fits else (x.new_zeros(1, B, self.hidden_size),) * 2"),
        ("return torch.stack",
         "self.kept = (h.detach().unsqueeze(0), c.detach().unsqueeze(0))\n        return torch.stack"),
    ),
)  # fmt: skip
misconception(
    "given_state_changed",
    "Your layer writes into the state that it is given (`*=`, `+=`, `[…] =` or a method that ends in _). "
    "The caller may need it again: make new tensors.",
    see=CELL, within=FORWARD,
    edits=(
        "if lengths is None:\n                h, c = new_h, new_c",
        "if t == 0:\n                state[1].data.copy_(new_c.detach())\n            if lengths is None:\n"
        "                h, c = new_h, new_c",
    ),
)  # fmt: skip
misconception(
    "zeros_of_float32",
    "Your initial state is always float32: torch.zeros(…) does not look at x. Use x.new_zeros(…), or "
    "torch.zeros(…, dtype=x.dtype, device=x.device).",
    see=CELL, within=FORWARD,
    edits=("x.new_zeros(1, B, self.hidden_size)", "torch.zeros(1, B, self.hidden_size, dtype=torch.float32)"),
)  # fmt: skip

# Gradients

misconception(
    "state_detached_each_step",
    "The numbers of your layer are right, but h and c are detached between the steps, so that no gradient "
    "reaches back further than one step. Carry them on as they are.",
    see="Why this lesson matters", within=FORWARD,
    edits=("from_x = x", "h, c = h.detach(), c.detach()\n            from_x = x"),
)  # fmt: skip
misconception(
    "output_detached",
    "The numbers of your output are right, but it is cut out of the graph (.data, .detach() or no_grad), "
    "so nothing before it could learn.",
    see="Why this lesson matters", within=FORWARD,
    edits=("return torch.stack(outputs, dim=1)", "return torch.stack(outputs, dim=1).detach()"),
)  # fmt: skip

# Sequences of different lengths

misconception(
    "lengths_ignored",
    "Your layer runs through the padding as if it were data: `lengths` is never used. Each sequence stops "
    "at its own length.",
    see=BATCHES, within=FORWARD, edits=("if lengths is None:", "if True:"),
)  # fmt: skip
misconception(
    "lengths_mask_output_only",
    "Your output is zero past the lengths, but h and c run on through the padding, so that h_n and c_n are "
    "those of step T. A sequence that has ended keeps its last state.",
    see=BATCHES, within=FORWARD,
    edits=("h, c = torch.where(valid, new_h, h), torch.where(valid, new_c, c)", "h, c = new_h, new_c"),
)  # fmt: skip
misconception(
    "lengths_hold_state_only",
    "Your last state is right, but past a sequence's length your output repeats its last hidden state. It "
    "should be zero there.",
    see=BATCHES, within=FORWARD, edits=("h * valid", "h"),
)  # fmt: skip
misconception(
    "lengths_erase_state",
    "Your layer multiplies h and c by the mask, which sets the state of an ended sequence to zero. Keep "
    "the old state there: torch.where(valid, new, old).",
    see=BATCHES, within=FORWARD,
    edits=("torch.where(valid, new_h, h), torch.where(valid, new_c, c)", "new_h * valid, new_c * valid"),
)  # fmt: skip
misconception(
    "lengths_cell_runs_on",
    "Past a sequence's length your layer keeps h but lets c run on through the padding. Both stop at the "
    "last valid step.",
    see=BATCHES, within=FORWARD, edits=("torch.where(valid, new_c, c)", "new_c"),
)  # fmt: skip
misconception(
    "lengths_one_too_many",
    "Your layer takes one step too many: with t counted from 0, step t is valid where t < lengths, not "
    "where t <= lengths.",
    see=BATCHES, within=FORWARD, edits=("t < lengths", "t <= lengths"),
)  # fmt: skip
misconception(
    "lengths_one_too_few",
    "Your layer stops one step too early: with t counted from 0, step t is valid where t < lengths, so a "
    "length of 1 means one step.",
    see=BATCHES, within=FORWARD, edits=("t < lengths", "t < lengths - 1"),
)  # fmt: skip
misconception(
    "lengths_cut_output",
    "With lengths your output ends at the longest sequence. It keeps all T steps of x; past the lengths it "
    "is zero.",
    see=BATCHES, within=FORWARD,
    edits=("for t in range(T):", "for t in range(T if lengths is None else int(lengths.max())):"),
)  # fmt: skip
misconception(
    "lengths_sorted_not_undone",
    "Your layer sorts the sequences by length and returns them in that order. Put each result back at its "
    "own sequence's place.",
    see=BATCHES, within=FORWARD,
    edits=(
        "B, T, _ = x.shape",
        "B, T, _ = x.shape\n"
        "        if lengths is not None:\n"
        "            order = lengths.argsort(descending=True)\n"
        "            x, lengths = x[order], lengths[order]\n"
        "            state = None if state is None else (state[0][:, order], state[1][:, order])",
    ),
)  # fmt: skip

# The parameters

misconception(
    "parameters_not_registered",
    "Your weights are plain tensors: model.parameters() does not find them, so no optimizer would train "
    "them. Wrap them in nn.Parameter.",
    see="Building an LSTM model", within=INIT,
    edits=(
        ("nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound))",
         "torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound).requires_grad_()"),
        ("nn.Parameter(torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound))",
         "torch.empty(4 * hidden_size, hidden_size).uniform_(-bound, bound).requires_grad_()"),
    ),
)  # fmt: skip
misconception(
    "weights_transposed",
    "Your weight_ih_l0 is (I, 4H). As in nn.LSTM it is (4H, I): a row belongs to a unit, a column to an "
    "input.",
    see="Building an LSTM model",
    edits=(
        ("torch.empty(4 * hidden_size, input_size)", "torch.empty(input_size, 4 * hidden_size)"),
        ("x[:, t] @ self.weight_ih_l0.T", "x[:, t] @ self.weight_ih_l0"),
    ),
)  # fmt: skip
misconception(
    "starts_from_zeros",
    "Your weights start as zeros, so all units of a gate would learn alike. Draw them: uniform in ±1/√H.",
    see="Building an LSTM model", within=INIT, edits=("bound = 1 / math.sqrt(hidden_size)", "bound = 0.0"),
)  # fmt: skip
misconception(
    "one_bias_parameter",
    "Your layer has one bias for both terms. nn.LSTM has two, bias_ih_l0 and bias_hh_l0; without both a "
    "state_dict does not load.",
    see="Building an LSTM model",
    edits=(
        ("self.bias_hh_l0 = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))", ""),
        (" + self.bias_hh_l0", ""),
    ),
)  # fmt: skip

# last_output

misconception(
    "last_output_of_the_tensor",
    "Your last_output takes step T for every sequence, output[:, -1], which is padding for all but the "
    "longest. Take each sequence's own step, lengths - 1.",
    see=BATCHES, within="last_output",
    edits=("output[torch.arange(len(lengths)), lengths - 1]", "output[:, -1]"),
)  # fmt: skip
misconception(
    "last_output_one_too_far",
    "Your last_output takes the step with the number `lengths`. Steps are counted from 0: the last valid "
    "one is lengths - 1.",
    see=BATCHES, within="last_output", edits=("lengths - 1", "lengths"),
)  # fmt: skip
misconception(
    "last_output_slices",
    "Your last_output takes for every sequence the steps of all the others too: output[:, lengths - 1] has "
    "the shape (B, B, H). Pair each sequence with its own step: output[torch.arange(B), lengths - 1].",
    see=BATCHES, within="last_output", edits=("torch.arange(len(lengths)), ", ":, "),
)  # fmt: skip
misconception(
    "last_output_of_the_longest",
    "Your last_output takes the last step of the longest sequence for all of them. Each sequence has a "
    "last step of its own, lengths - 1.",
    see=BATCHES, within="last_output", edits=("lengths - 1", "lengths.max() - 1"),
)  # fmt: skip
misconception(
    "last_output_keeps_time",
    "Your last_output keeps a time dimension of one, (B, 1, H). After gather, take it away with squeeze(1).",
    see=BATCHES, within="last_output", edits=("lengths - 1]", "lengths - 1].unsqueeze(1)"),
)  # fmt: skip


@misconception(
    "last_output_mean",
    "Your last_output is the mean over the valid steps. That is another way to sum up a sequence; here the "
    "last valid step alone is asked for.",
    see=BATCHES,
)
def last_output(output, lengths):
    valid = (torch.arange(output.shape[1]) < lengths.unsqueeze(1)).unsqueeze(2)
    return (output * valid).sum(dim=1) / lengths.unsqueeze(1)


misconception(
    "last_output_detached",
    "The numbers of your last_output are right, but they are cut out of the graph (.data, .detach(), "
    ".item() or torch.tensor(…)), so nothing before it could learn.",
    see=BATCHES, within="last_output", edits=("lengths - 1]", "lengths - 1].detach()"),
)  # fmt: skip
misconception(
    "last_output_changes_lengths",
    "Your last_output changes the lengths that it is given (`-=` works in place). Write lengths - 1, which "
    "makes a new tensor.",
    see=BATCHES, within="last_output",
    edits=("return output[torch.arange(len(lengths)), lengths - 1]",
           "lengths -= 1\n    return output[torch.arange(len(lengths)), lengths]"),
)  # fmt: skip
