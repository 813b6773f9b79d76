"""Typical wrong answers to `cell`, as edits of the reference."""

from grader.suite.writing import misconception

GATES = "Gates: forget, input, output"
CELL = "Cell state v hidden state"


def step(id, says, *edits, see=CELL):
    misconception(id, says, see=see, within="lstm_step", edits=edits)


def module(id, says, *edits, within="LSTMCell"):
    misconception(id, says, see=CELL, within=within, edits=edits)


ORDER = "PyTorch's order is i, f, g, o: input gate, forget gate, candidate, output gate."
step(
    "gate_order_ifog",
    f"You cut the gates in the order i, f, o, g, as Keras-like code does with the last two swapped. {ORDER}",
    ("i, f, g, o =", "i, f, o, g ="),
)
step(
    "gate_order_figo",
    f"Your input gate and forget gate have changed places. {ORDER} f keeps the old cell, i writes the candidate.",
    ("i, f, g, o =", "f, i, g, o ="),
)
step("gate_order_igfo", f"You cut the gates in the order i, g, f, o. {ORDER}", ("i, f, g, o =", "i, g, f, o ="))
step("gate_order_ofgi", f"You cut the gates in the order o, f, g, i. {ORDER}", ("i, f, g, o =", "o, f, g, i ="))
step(
    "gates_interleaved",
    "You take every fourth row for a gate. The gates are blocks of H rows each: 0 to H is i, H to 2H is f, and so on.",
    (".chunk(4, dim=1)", ".unflatten(1, (-1, 4)).unbind(2)"),
)
step(
    "state_order_swapped",
    "You take the state for (c, h). It is (h, c): the hidden state comes first, as in PyTorch.",
    ("h, c = state", "c, h = state"),
)
step(
    "returns_c_then_h",
    "You return (c, h). The hidden state comes first: return (h, c).",
    ("return h, c", "return c, h"),
)
step(
    "returns_hidden_only",
    "You return the hidden state alone. The next step needs the cell state too: return (h, c).",
    ("return h, c", "return h"),
)
step(
    "drops_bias_hh",
    "You leave bias_hh out. PyTorch keeps two biases, and both are added.",
    (" + bias_hh", ""),
)
step(
    "drops_bias_ih",
    "You leave bias_ih out. PyTorch keeps two biases, and both are added.",
    (" + bias_ih", ""),
)
step(
    "ignores_hidden_state",
    "Your gates look at the input only: the term h·weight_hhᵀ is missing, so the cell cannot react to what it knows.",
    ("h @ weight_hh.T + ", ""),
    see=GATES,
)
step(
    "ignores_input",
    "Your gates look at the hidden state only: the term x·weight_ihᵀ is missing.",
    ("x @ weight_ih.T + ", ""),
    see=GATES,
)
step(
    "gates_see_cell_state",
    "You multiply weight_hh by the cell state. The gates look at the hidden state h; c only passes through.",
    ("h @ weight_hh.T", "c @ weight_hh.T"),
)
step(
    "candidate_uses_sigmoid",
    "Your candidate g goes through the sigmoid, so the cell could only ever grow. g takes tanh.",
    ("torch.tanh(g)", "torch.sigmoid(g)"),
    see=GATES,
)
step(
    "candidate_not_squashed",
    "Your candidate g is not squashed: it takes tanh.",
    ("torch.tanh(g)", "g"),
    see=GATES,
)
step(
    "input_gate_not_squashed",
    "Your input gate is not squashed: i takes the sigmoid before it multiplies.",
    ("torch.sigmoid(i)", "i"),
    see=GATES,
)
step(
    "forget_gate_not_squashed",
    "Your forget gate is not squashed: f takes the sigmoid before it multiplies.",
    ("torch.sigmoid(f)", "f"),
    see=GATES,
)
step(
    "output_gate_not_squashed",
    "Your output gate is not squashed: o takes the sigmoid before it multiplies.",
    ("torch.sigmoid(o)", "o"),
    see=GATES,
)
step(
    "gates_use_tanh",
    "Your gates i, f and o use tanh. Only the candidate g does; a gate is a share between 0 and 1, so it takes the sigmoid.",
    ("torch.sigmoid(f)", "torch.tanh(f)"),
    ("torch.sigmoid(i)", "torch.tanh(i)"),
    ("torch.sigmoid(o)", "torch.tanh(o)"),
    see=GATES,
)
step(
    "cell_update_multiplies",
    "You multiply what is kept with what is written. They are added, and that sum is what lets gradients through.",
    ("* c + torch.sigmoid(i)", "* c * torch.sigmoid(i)"),
)
step(
    "cell_update_couples_gates",
    "You write 1 - f of the candidate. That is the coupled gate of a GRU; here the input gate has weights of its own.",
    ("torch.sigmoid(i)", "(1 - torch.sigmoid(f))"),
)
step(
    "cell_state_squashed",
    "You squash the cell state itself with tanh before you return it. tanh belongs to the hidden state only.",
    (
        "c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)",
        "c = torch.tanh(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))",
    ),
)
step(
    "hidden_shows_raw_cell",
    "Your hidden state is o∘c: tanh is missing. h = σ(o)∘tanh(c).",
    ("torch.tanh(c)", "c"),
)
step(
    "hidden_from_old_cell",
    "Your hidden state shows the old cell. Compute the new c first, then h = σ(o)∘tanh(c) of the new one.",
    ("c = torch.sigmoid(f) * c + ", "new = torch.sigmoid(f) * c + "),
    ("return h, c", "return h, new"),
)
step(
    "weight_hh_not_transposed",
    "You use weight_hh the wrong way round: with reshape its numbers are mixed up. Use its transpose.",
    ("weight_hh.T", "weight_hh.reshape(weight_hh.shape[1], -1)"),
)
step(
    "weight_ih_not_transposed",
    "You use weight_ih the wrong way round: with reshape its numbers are mixed up. Use its transpose.",
    ("weight_ih.T", "weight_ih.reshape(weight_ih.shape[1], -1)"),
)
step(
    "chunks_along_batch",
    "You cut along the batch (dim 0). The four gates stand side by side along the units: dim 1.",
    ("dim=1", "dim=0"),
)
step(
    "changes_cell_in_place",
    "You change the cell state that you are given (`*=`, `+=` or a method that ends in _). Make a new tensor.",
    (
        "c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)",
        "c.mul_(torch.sigmoid(f)).add_(torch.sigmoid(i) * torch.tanh(g))",
    ),
)
step(
    "detaches_state",
    "The numbers are right, but the state is cut out of the graph (.detach() or .data), so no gradient reaches the steps "
    "before.",
    ("h, c = state", "h, c = (part.detach() for part in state)"),
)
module(
    "plain_tensors_for_parameters",
    "Your weights are plain tensors, so no optimizer would ever find them. Wrap each in nn.Parameter.",
    ("self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound))",
     "self.weight_ih = torch.empty(4 * hidden_size, input_size).uniform_(-bound, bound)"),
)  # fmt: skip
module(
    "buffers_for_parameters",
    "Your biases are buffers: they are saved, but never trained. Make them an nn.Parameter.",
    ("self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))",
     "self.register_buffer('bias_hh', torch.empty(4 * hidden_size).uniform_(-bound, bound))"),
)  # fmt: skip
module(
    "one_bias_only",
    "You keep one bias only. It would be enough, but PyTorch has two, and only with both does a state_dict fit.",
    ("self.bias_hh = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))", ""),
    ("self.bias_hh[hidden_size : 2 * hidden_size] = 0.0", ""),
    ("self.weight_hh, self.bias_ih, self.bias_hh)", "self.weight_hh, self.bias_ih, 0 * self.bias_ih)"),
)
module(
    "weights_stored_transposed",
    "Your weight_ih has the shape (I, 4H). PyTorch stores it as (4H, I) and multiplies by the transpose.",
    ("torch.empty(4 * hidden_size, input_size)", "torch.empty(input_size, 4 * hidden_size)"),
    ("x, state, self.weight_ih,", "x, state, self.weight_ih.T,"),
)
module(
    "bound_of_input_size",
    "Your initial values are bound by 1/√I. PyTorch's bound is 1/√H, also for the input weights.",
    ("1 / math.sqrt(hidden_size)", "1 / math.sqrt(input_size)"),
)
module(
    "bound_without_root",
    "Your initial values are bound by 1/H: the square root is missing.",
    ("1 / math.sqrt(hidden_size)", "1 / hidden_size"),
)
module(
    "initialized_normal",
    "Your input weights are drawn from a normal distribution. They are to be uniform in ±1/√H.",
    ("input_size).uniform_(-bound, bound)", "input_size).normal_(0, bound / 2)"),
)
module(
    "initialized_positive",
    "Your recurrent weights are drawn from 0…1/√H. They are to be uniform in -1/√H…1/√H.",
    ("hidden_size, hidden_size).uniform_(-bound, bound)", "hidden_size, hidden_size).uniform_(0, bound)"),
)
module(
    "biases_start_at_zero",
    "Your biases all start at zero. Only the forget part is set; the rest is uniform in ±1/√H like the weights.",
    ("self.bias_ih = nn.Parameter(torch.empty(4 * hidden_size).uniform_(-bound, bound))",
     "self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size))"),
)  # fmt: skip
module(
    "forget_bias_ignored",
    "You ignore forget_bias. Like PyTorch's own cell, yours starts with a forget gate half closed.",
    ("self.bias_ih[hidden_size : 2 * hidden_size] = forget_bias", "pass"),
    ("self.bias_hh[hidden_size : 2 * hidden_size] = 0.0", "pass"),
)
module(
    "forget_bias_twice",
    "You set the forget part of both biases to forget_bias. They are added, so together they must give it once.",
    (
        "self.bias_hh[hidden_size : 2 * hidden_size] = 0.0",
        "self.bias_hh[hidden_size : 2 * hidden_size] = forget_bias",
    ),
)
module(
    "forget_bias_of_one_bias_only",
    "You set the forget part of bias_ih and leave the random one of bias_hh in place. Only their sum counts: set one to "
    "forget_bias and the other to 0.",
    ("self.bias_hh[hidden_size : 2 * hidden_size] = 0.0", "pass"),
)
module(
    "forget_bias_in_input_gate",
    "You put forget_bias into rows 0 to H, which belong to the input gate. The forget gate has rows H to 2H.",
    ("self.bias_ih[hidden_size : 2 * hidden_size] = forget_bias", "self.bias_ih[:hidden_size] = forget_bias"),
    ("self.bias_hh[hidden_size : 2 * hidden_size] = 0.0", "self.bias_hh[:hidden_size] = 0.0"),
)
module(
    "forget_bias_always_one",
    "You set the forget bias to 1 whatever the argument says. Use forget_bias.",
    (
        "self.bias_ih[hidden_size : 2 * hidden_size] = forget_bias",
        "self.bias_ih[hidden_size : 2 * hidden_size] = 1.0",
    ),
)
module(
    "given_state_ignored",
    "Your cell starts from zeros even when it is given a state.",
    ("if state is None:", "if True:"),
    within="LSTMCell.forward",
)
module(
    "start_state_of_ones",
    "Without a state your cell starts from ones. No state means zeros.",
    ("x.new_zeros(", "x.new_ones("),
    within="LSTMCell.forward",
)
module(
    "start_state_in_float32",
    "Your start state is always float32. Make the zeros with x.new_zeros(…) or torch.zeros(…, dtype=x.dtype, "
    "device=x.device), so that they fit x.",
    ("x.new_zeros(", "torch.zeros("),
    within="LSTMCell.forward",
)
misconception(
    "state_remembered",
    "Your cell keeps the state of the last call in itself. Every call starts anew: from the state that it is given, or "
    "from zeros.",
    see=CELL,
    within="LSTMCell.forward",
    edits=(
        ("state = (zeros, zeros)", "state = getattr(self, 'last', None) or (zeros, zeros)"),
        (
            "return lstm_step(x, state, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)",
            "new = lstm_step(x, state, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)\n"
            "        self.last = tuple(part.detach()[:1] for part in new)\n"
            "        return new",
        ),
    ),
)
