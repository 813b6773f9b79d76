"""Typical wrong answers to `gradients`, as edits of the reference."""

from grader.suite.writing import misconception

WHY = "Why this lesson matters"
GATES = "Gates: forget, input, output"
CELL = "Cell state v hidden state"
RNN = "Compare to simple RNN"

STEP = "torch.tanh(x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)"

# Mistakes that can be made in either measurement: (function, its last state, the list of states, their names). They come
# before those of the step: of two that fit equally well the first is named, and a wrong step fits more tests.
for function, state, states, last, each in (
    ("rnn_gradient_norms", "h", "states", "h_T", "h_t"),
    ("lstm_gradient_norms", "c", "cells", "c_T", "c_t"),
):
    kind = function.partition("_")[0]
    gradient = f"gradients = torch.autograd.grad({state}.sum(), {states})"
    norms = "torch.stack([gradient.norm() for gradient in gradients])"
    misconception(
        f"{kind}_norms_reversed",
        f"Your {function} has the order of the steps turned round: index 0 belongs to the first step, the last entry to "
        "step T.",
        see=WHY, within=function, edits=(f"return {norms}", f"return {norms}.flip(0)"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_of_the_states",
        f"Your {function} gives the norms of the states themselves. Asked for are the norms of the gradients, "
        f"∂(Σ {last})/∂{each}.",
        see=WHY, within=function, edits=("gradient in gradients", f"gradient in {states}"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_of_the_mean",
        f"Your {function} differentiates the mean of the last state. It should be its sum, so that the last norm is √(B·H).",
        see=WHY, within=function, edits=(f"{state}.sum()", f"{state}.mean()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_of_every_step",
        f"Your {function} differentiates the sum of the states of all steps. The question is how much step t matters for "
        f"the last one: only {last} is differentiated.",
        see=WHY, within=function, edits=(f"grad({state}.sum()", f"grad(sum(s.sum() for s in {states})"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_of_one_step",
        f"Your {function} goes back a single step each time, ∂(Σ of the next state)/∂{each}. The gradient starts at the "
        "last step and goes all the way back to step t: that is a product of all the steps between.",
        see=WHY, within=function,
        edits=(gradient, f"later = {states}[1:] + {states}[-1:]\n    gradients = [torch.autograd.grad(b.sum(), a, "
                         f"retain_graph=True)[0] for a, b in zip({states}, later)]"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_mean_over_batch",
        f"Your {function} takes the norm for each sequence and averages over the batch. Here one norm covers batch and "
        "units together.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.norm(dim=1).mean()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_sum_over_batch",
        f"Your {function} takes the norm for each sequence and adds them up. Here one norm covers batch and units "
        "together: the root of the sum of all squares.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.norm(dim=1).sum()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_per_unit",
        f"Your {function} takes the norm over the batch only and keeps the units apart. One number is asked for each step.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.norm(dim=0)"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_squared",
        f"Your {function} gives squared norms: the square root is missing.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.square().sum()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_absolute",
        f"Your {function} adds up absolute values. The Euclidean norm is the root of the sum of the squares.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.abs().sum()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_largest",
        f"Your {function} gives the largest absolute value. The Euclidean norm is the root of the sum of the squares.",
        see=WHY, within=function, edits=("gradient.norm()", "gradient.abs().max()"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_with_start",
        f"Your {function} also counts the zero state before the first step: there are T + 1 norms. Index 0 belongs to the "
        "state after the first step.",
        see=WHY, within=function, edits=(f"{states} = []", f"{states} = [{state}]"),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_shifted",
        f"Your {function} is one step early: its list begins with the zero state and ends before the last one. Index 0 "
        "belongs to the state after the first step, and the last norm is √(B·H).",
        see=WHY, within=function, edits=((f"{states} = []", f"{states} = [{state}]"), (f", {states})", f", {states}[:-1])")),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_by_input",
        f"Your {function} differentiates by the inputs x_t. Differentiate by the states: what they pass on is what vanishes.",
        see=WHY, within=function,
        edits=(("for x_t in x.unbind(dim=1):", "inputs = [x_t.clone().requires_grad_() for x_t in x.unbind(dim=1)]\n"
                                              "    for x_t in inputs:"), (f", {states})", ", inputs)")),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_leave_grads",
        f"Your {function} calls backward() on weights that may require a gradient, and so leaves a .grad in them that the "
        "next optimizer would trip over. torch.autograd.grad leaves none; or detach the weights first.",
        see=WHY, within=function,
        edits=(("(tensor.detach() for tensor in (x, weight_ih, weight_hh, bias_ih, bias_hh))",
                "(x, weight_ih, weight_hh, bias_ih, bias_hh)"),
               (gradient, f"for s in {states}:\n        s.retain_grad()\n    {state}.sum().backward()\n"
                          f"    gradients = [s.grad for s in {states}]")),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_attached",
        f"Your {function} returns norms that still hang on a graph (create_graph=True). They are a measurement: detach them.",
        see=WHY, within=function,
        edits=(("(tensor.detach() for tensor in (x, weight_ih, weight_hh, bias_ih, bias_hh))",
                "(x, weight_ih, weight_hh, bias_ih, bias_hh)"), (f", {states})", f", {states}, create_graph=True)")),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_of_plain_tensors",
        f"Your {function} fails when nothing that it is given requires a gradient. Let the state that you start from "
        "require one: then every later state does.",
        see=WHY, within=function,
        edits=(("(tensor.detach() for tensor in (x, weight_ih, weight_hh, bias_ih, bias_hh))",
                "(x, weight_ih, weight_hh, bias_ih, bias_hh)"), (".requires_grad_()", "")),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_float32_start",
        f"Your {function} starts from a float32 state whatever x is, and float64 weights do not go with it. "
        "x.new_zeros(…) has the dtype and device of x.",
        see=WHY, within=function, edits=("x.new_zeros(", "torch.zeros("),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_from_ones",
        f"Your {function} starts from a state of ones. Before the first step the state is zero.",
        see=WHY, within=function, edits=("x.new_zeros(", "x.new_ones("),
    )  # fmt: skip
    misconception(
        f"{kind}_norms_batch_for_time",
        f"Your {function} walks along the batch as if it were time. x is (B, T, I): the steps are dimension 1.",
        see=WHY, within=function, edits=(("unbind(dim=1)", "unbind(dim=0)"), ("x.shape[0]", "x.shape[1]")),
    )  # fmt: skip

misconception(
    "step_uses_sigmoid",
    "Your rnn_step squashes with the sigmoid. A plain RNN has no gates: its state has a sign, so it takes tanh.",
    see=RNN, within="rnn_step", edits=("torch.tanh", "torch.sigmoid"),
)  # fmt: skip
misconception(
    "step_uses_relu",
    "Your rnn_step uses ReLU. The plain RNN of this lesson squashes with tanh, whose slope of at most 1 is one reason why "
    "gradients vanish.",
    see=RNN, within="rnn_step", edits=("torch.tanh", "torch.relu"),
)  # fmt: skip
misconception(
    "step_without_squashing",
    "Your rnn_step returns the weighted sum itself: tanh is missing.",
    see=RNN, within="rnn_step", edits=(STEP, "x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh"),
)  # fmt: skip
misconception(
    "step_forgets_input_bias",
    "Your rnn_step leaves bias_ih out. PyTorch has two biases, and both are added.",
    see=RNN, within="rnn_step", edits=(" + bias_ih", ""),
)  # fmt: skip
misconception(
    "step_forgets_hidden_bias",
    "Your rnn_step leaves bias_hh out. PyTorch has two biases, and both are added.",
    see=RNN, within="rnn_step", edits=(" + bias_hh", ""),
)  # fmt: skip
misconception(
    "step_ignores_hidden",
    "Your rnn_step looks at the input only: without h·W_hhᵀ it is no recurrent step, and no gradient can go back in time.",
    see=RNN, within="rnn_step", edits=(" + h @ weight_hh.T", ""),
)  # fmt: skip
misconception(
    "step_hidden_weights_not_transposed",
    "Your rnn_step multiplies h by weight_hh and not by its transpose. The shapes agree all the same, because weight_hh is "
    "square: row k of the weights belongs to unit k of the new state.",
    see=RNN, within="rnn_step", edits=("weight_hh.T", "weight_hh"),
)  # fmt: skip
misconception(
    "step_squashes_parts",
    "Your rnn_step squashes the two parts one by one. Add everything up first, then take one tanh of the sum.",
    see=RNN, within="rnn_step",
    edits=(STEP, "torch.tanh(x @ weight_ih.T + bias_ih) + torch.tanh(h @ weight_hh.T + bias_hh)"),
)  # fmt: skip
misconception(
    "step_detached",
    "The numbers of your rnn_step are right, but it is cut out of the graph (.data, .detach() or no_grad), so no gradient "
    "goes back through it.",
    see=WHY, within="rnn_step", edits=("+ bias_hh)", "+ bias_hh).detach()"),
)  # fmt: skip
misconception(
    "step_in_float32",
    "Your rnn_step always answers in float32. Keep the dtype of what you are given.",
    see=RNN, within="rnn_step", edits=("+ bias_hh)", "+ bias_hh).float()"),
)  # fmt: skip
misconception(
    "step_tanh_overflows",
    "Your tanh is written out with exp, which overflows for large numbers and gives NaN. torch.tanh bears any number.",
    see=RNN, within="rnn_step",
    edits=(f"return {STEP}", "z = x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh\n"
                             "    return (z.exp() - (-z).exp()) / (z.exp() + (-z).exp())"),
)  # fmt: skip

misconception(
    "lstm_norms_by_forget_gate_only",
    "Your lstm_gradient_norms follows only the direct path, the product of the forget gates. c_t also works through "
    "h_t = σ(o) ∘ tanh(c_t) on the gates of the next step: do not detach h.",
    see=CELL, within="lstm_gradient_norms",
    edits=("h = torch.sigmoid(o) * torch.tanh(c)", "h = (torch.sigmoid(o) * torch.tanh(c)).detach()"),
)  # fmt: skip
misconception(
    "lstm_norms_without_output_gate_path",
    "Your lstm_gradient_norms misses the paths through the output gate: h_t also sets the next step's o, and so what the "
    "step after that reads. The state of an LSTM is h and c together: carry the gradients of both.",
    see=CELL, within="lstm_gradient_norms", edits=("h = torch.sigmoid(o) *", "h = torch.sigmoid(o).detach() *"),
)  # fmt: skip
misconception(
    "lstm_norms_of_hidden",
    "Your lstm_gradient_norms measures the hidden state. It is the cell state that carries the gradient: ∂(Σ c_T)/∂c_t.",
    see=CELL, within="lstm_gradient_norms", edits=(("cells.append(c)", "cells.append(h)"), ("grad(c.sum()", "grad(h.sum()")),
)  # fmt: skip
misconception(
    "lstm_norms_from_hidden",
    "Your lstm_gradient_norms differentiates the last hidden state. What is asked for starts from the last cell state: "
    "∂(Σ c_T)/∂c_t.",
    see=CELL, within="lstm_gradient_norms", edits=("grad(c.sum()", "grad(h.sum()"),
)  # fmt: skip
misconception(
    "lstm_norms_gates_ifog",
    "Your lstm_gradient_norms takes the parts in the order i, f, o, g. PyTorch's order is i, f, g, o.",
    see=GATES, within="lstm_gradient_norms", edits=("i, f, g, o = ", "i, f, o, g = "),
)  # fmt: skip
misconception(
    "lstm_norms_gates_figo",
    "Your lstm_gradient_norms takes the parts in the order f, i, g, o. PyTorch's order is i, f, g, o.",
    see=GATES, within="lstm_gradient_norms", edits=("i, f, g, o = ", "f, i, g, o = "),
)  # fmt: skip
misconception(
    "lstm_norms_raw_cell_shown",
    "Your lstm_gradient_norms leaves tanh out where the cell is shown: the hidden state is σ(o) ∘ tanh(c).",
    see=CELL, within="lstm_gradient_norms", edits=("* torch.tanh(c)", "* c"),
)  # fmt: skip
misconception(
    "lstm_norms_candidate_sigmoid",
    "Your lstm_gradient_norms squashes the candidate with the sigmoid; it takes tanh.",
    see=GATES, within="lstm_gradient_norms", edits=("torch.tanh(g)", "torch.sigmoid(g)"),
)  # fmt: skip
misconception(
    "lstm_norms_raw_gates",
    "Your lstm_gradient_norms uses the forget gate's weighted sum as it is: the sigmoid is missing.",
    see=GATES, within="lstm_gradient_norms", edits=("torch.sigmoid(f)", "f"),
)  # fmt: skip
misconception(
    "lstm_norms_forget_a_bias",
    "Your lstm_gradient_norms leaves bias_hh out. PyTorch has two biases, and both are added.",
    see=GATES, within="lstm_gradient_norms", edits=(" + bias_hh)", ")"),
)  # fmt: skip
misconception(
    "lstm_norms_sigmoid_overflows",
    "Your sigmoid is written out with exp, which overflows for large numbers, and then its gradient is NaN. torch.sigmoid "
    "bears any number.",
    see=GATES, within="lstm_gradient_norms", edits=("torch.sigmoid(f)", "(1 / (1 + torch.exp(-f)))"),
)  # fmt: skip

misconception(
    "bias_has_wrong_sign",
    "Your forget_bias_for has the sign turned round: f / (1 - f), not (1 - f) / f. A longer memory needs a larger bias.",
    see=GATES, within="forget_bias_for", edits=("f / (1 - f)", "(1 - f) / f"),
)  # fmt: skip
misconception(
    "bias_in_powers_of_two",
    "Your forget_bias_for takes the logarithm to base 2. The sigmoid is made of e, so its inverse takes the natural one.",
    see=GATES, within="forget_bias_for", edits=("math.log(", "math.log2("),
)  # fmt: skip
misconception(
    "bias_for_e_folding",
    "Your forget_bias_for lets the cell shrink to 1/e, not to a half, in half_life steps: f is 2^(-1/half_life), not "
    "e^(-1/half_life).",
    see=GATES, within="forget_bias_for", edits=("2 ** (-1 / half_life)", "math.exp(-1 / half_life)"),
)  # fmt: skip
misconception(
    "bias_is_the_gate",
    "Your forget_bias_for returns the gate f itself. Asked for is the bias whose sigmoid is f: ln(f / (1 - f)).",
    see=GATES, within="forget_bias_for", edits=("math.log(f / (1 - f))", "f"),
)  # fmt: skip
misconception(
    "bias_without_odds",
    "Your forget_bias_for returns ln f. The inverse of the sigmoid is ln(f / (1 - f)).",
    see=GATES, within="forget_bias_for", edits=("f / (1 - f)", "f"),
)  # fmt: skip
misconception(
    "bias_of_inverse_half_life",
    "Your forget_bias_for takes 2^(-half_life): that is what is left after half_life halvings. One step keeps "
    "2^(-1/half_life).",
    see=GATES, within="forget_bias_for", edits=("-1 / half_life", "-half_life"),
)  # fmt: skip
misconception(
    "bias_linear",
    "Your forget_bias_for takes away the same share of the start at each step, f = 1 - 0.5/half_life. A gate multiplies: "
    "f to the power of half_life is a half.",
    see=GATES, within="forget_bias_for", edits=("2 ** (-1 / half_life)", "1 - 0.5 / half_life"),
)  # fmt: skip
misconception(
    "bias_inverts_tanh",
    "Your forget_bias_for inverts tanh. A gate is a sigmoid, whose inverse is ln(f / (1 - f)).",
    see=GATES, within="forget_bias_for", edits=("math.log(f / (1 - f))", "math.atanh(f)"),
)  # fmt: skip
misconception(
    "bias_is_a_tensor",
    "Your forget_bias_for returns a tensor. A plain float is asked for: .item() takes the number out.",
    see=GATES, within="forget_bias_for", edits=("return math.log(f / (1 - f))", "return torch.logit(torch.tensor(f))"),
)  # fmt: skip
misconception(
    "bias_without_a_check",
    "Your forget_bias_for does not look at half_life first, so 0 ends in a ZeroDivisionError. Raise a ValueError that says "
    "what is wrong.",
    see=GATES, within="forget_bias_for", edits=("not half_life > 0", "False"),
)  # fmt: skip
misconception(
    "bias_zero_allowed",
    "Your forget_bias_for refuses negative half-lives but lets 0 pass. A cell that halves every 0 steps does not exist.",
    see=GATES, within="forget_bias_for",
    edits=(("not half_life > 0", "half_life < 0"), ("f = 2", "if half_life == 0:\n        return -math.inf\n    f = 2")),
)  # fmt: skip
misconception(
    "bias_answers_negative",
    "Your forget_bias_for answers for a negative half-life, for which a gate would have to be above 1. Raise a ValueError.",
    see=GATES, within="forget_bias_for", edits=(("not half_life > 0", "half_life == 0"), ("f = 2 ** (-1 / half_life)", "f = 2 ** (-1 / abs(half_life))")),
)  # fmt: skip
