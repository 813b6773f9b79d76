"""Typical wrong answers to `gates`, as edits of the reference."""

from grader.suite.writing import misconception

GATES = "Gates: forget, input, output"
CELL = "Cell state v hidden state"

WHAT = {"forget_gate": "forget gate", "input_gate": "input gate", "output_gate": "output gate"}

for gate, name in WHAT.items():
    misconception(
        f"{gate}_uses_tanh",
        f"Your {name} uses tanh: its values leave 0…1. A gate says how much passes, and that takes the sigmoid.",
        see=GATES, within=gate, edits=("torch.sigmoid", "torch.tanh"),
    )  # fmt: skip
    misconception(
        f"{gate}_without_squashing",
        f"Your {name} returns the weighted sum itself. Without the sigmoid it is not bound to 0…1.",
        see=GATES, within=gate, edits=("torch.sigmoid(x @ weight_ih.T + h @ weight_hh.T + bias)",
                                       "x @ weight_ih.T + h @ weight_hh.T + bias"),
    )  # fmt: skip
    misconception(
        f"{gate}_forgets_bias",
        f"Your {name} leaves the bias out.",
        see=GATES, within=gate, edits=(" + bias)", ")"),
    )  # fmt: skip
    misconception(
        f"{gate}_ignores_hidden",
        f"Your {name} looks at the input only: the term of the hidden state, h·W_hhᵀ, is missing.",
        see=GATES, within=gate, edits=(" + h @ weight_hh.T", ""),
    )  # fmt: skip
    misconception(
        f"{gate}_ignores_input",
        f"Your {name} looks at the hidden state only: the term of the input, x·W_ihᵀ, is missing.",
        see=GATES, within=gate, edits=("x @ weight_ih.T + ", ""),
    )  # fmt: skip
    misconception(
        f"{gate}_hidden_weights_not_transposed",
        f"Your {name} multiplies h by weight_hh and not by its transpose. The shapes agree all the same, because "
        "weight_hh is square: row k of the weights belongs to unit k of the result.",
        see=GATES, within=gate, edits=("weight_hh.T", "weight_hh"),
    )  # fmt: skip
    misconception(
        f"{gate}_subtracted_bias",
        f"Your {name} subtracts the bias; it is added.",
        see=GATES, within=gate, edits=("+ bias", "- bias"),
    )  # fmt: skip
    misconception(
        f"{gate}_detached",
        f"The numbers of your {name} are right, but it is cut out of the graph (.data, .detach() or no_grad), so "
        "nothing before it could learn.",
        see=GATES, within=gate, edits=("+ bias)", "+ bias).detach()"),
    )  # fmt: skip
    misconception(
        f"{gate}_in_float32",
        f"Your {name} always answers in float32. Keep the dtype of what you are given.",
        see=GATES, within=gate, edits=("+ bias)", "+ bias).float()"),
    )  # fmt: skip

misconception(
    "candidate_uses_sigmoid",
    "Your candidate uses the sigmoid: it could only ever add to the cell. The candidate needs a sign, so it takes tanh.",
    see=GATES, within="candidate", edits=("torch.tanh", "torch.sigmoid"),
)  # fmt: skip
misconception(
    "candidate_uses_relu",
    "Your candidate uses ReLU: it is never negative and has no upper bound. The candidate takes tanh, -1…1.",
    see=GATES, within="candidate", edits=("torch.tanh", "torch.relu"),
)  # fmt: skip
misconception(
    "candidate_without_squashing",
    "Your candidate returns the weighted sum itself, without tanh.",
    see=GATES, within="candidate", edits=("torch.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)",
                                          "x @ weight_ih.T + h @ weight_hh.T + bias"),
)  # fmt: skip
misconception(
    "candidate_forgets_bias",
    "Your candidate leaves the bias out.",
    see=GATES, within="candidate", edits=(" + bias)", ")"),
)  # fmt: skip
misconception(
    "candidate_hidden_weights_not_transposed",
    "Your candidate multiplies h by weight_hh and not by its transpose. The shapes agree because weight_hh is square.",
    see=GATES, within="candidate", edits=("weight_hh.T", "weight_hh"),
)  # fmt: skip
misconception(
    "update_swaps_gates",
    "Your update_cell has the two gates swapped: the forget gate belongs to the old cell, the input gate to the candidate.",
    see=CELL, within="update_cell",
    edits=("forget * cell + input * candidate", "input * cell + forget * candidate"),
)  # fmt: skip
misconception(
    "update_couples_gates",
    "Your update_cell writes 1 - forget of the candidate. That is the coupled gate of a GRU; an LSTM has an input gate "
    "of its own.",
    see=CELL, within="update_cell", edits=("input * candidate", "(1 - forget) * candidate"),
)  # fmt: skip
misconception(
    "update_forgets_complement",
    "Your update_cell keeps 1 - forget of the cell. A forget gate of 1 means: keep everything.",
    see=CELL, within="update_cell", edits=("forget * cell", "(1 - forget) * cell"),
)  # fmt: skip
misconception(
    "update_squashes_cell",
    "Your update_cell squashes the new cell state with tanh. The cell itself is not squashed, that is why it can carry "
    "a gradient far; tanh comes only when the cell is shown.",
    see=CELL, within="update_cell",
    edits=("forget * cell + input * candidate", "torch.tanh(forget * cell + input * candidate)"),
)  # fmt: skip
misconception(
    "update_squashes_candidate_again",
    "Your update_cell applies tanh to the candidate once more. The candidate has been through tanh already.",
    see=CELL, within="update_cell", edits=("input * candidate", "input * torch.tanh(candidate)"),
)  # fmt: skip
misconception(
    "update_ignores_input_gate",
    "Your update_cell writes the whole candidate: the input gate is missing.",
    see=CELL, within="update_cell", edits=("input * candidate", "candidate"),
)  # fmt: skip
misconception(
    "update_never_forgets",
    "Your update_cell keeps the whole cell: the forget gate is missing. So it was in 1997; the forget gate came in 2000.",
    see=CELL, within="update_cell", edits=("forget * cell", "cell"),
)  # fmt: skip
misconception(
    "update_in_place",
    "Your update_cell changes the cell that it is given (`*=`, `+=` or a method that ends in _). Make a new tensor.",
    see=CELL, within="update_cell",
    edits=("return forget * cell + input * candidate", "return cell.mul_(forget).add_(input * candidate)"),
)  # fmt: skip
misconception(
    "hidden_shows_raw_cell",
    "Your expose_hidden leaves tanh out: the hidden state is output ∘ tanh(cell), so that it stays in -1…1.",
    see=CELL, within="expose_hidden", edits=("torch.tanh(cell)", "cell"),
)  # fmt: skip
misconception(
    "hidden_squashes_product",
    "Your expose_hidden takes tanh of the product. Squash the cell first, then let the gate through.",
    see=CELL, within="expose_hidden", edits=("output * torch.tanh(cell)", "torch.tanh(output * cell)"),
)  # fmt: skip
misconception(
    "hidden_uses_sigmoid",
    "Your expose_hidden squashes the cell with the sigmoid; the hidden state has a sign, so it takes tanh.",
    see=CELL, within="expose_hidden", edits=("torch.tanh", "torch.sigmoid"),
)  # fmt: skip
misconception(
    "hidden_ignores_output_gate",
    "Your expose_hidden shows the whole cell: the output gate is missing.",
    see=CELL, within="expose_hidden", edits=("output * torch.tanh", "torch.tanh"),
)  # fmt: skip
misconception(
    "hidden_squashes_gate_again",
    "Your expose_hidden applies the sigmoid to the output gate once more. The gate has been through it already.",
    see=CELL, within="expose_hidden", edits=("output * ", "torch.sigmoid(output) * "),
)  # fmt: skip
