"""Typical wrong answers to `stacking`, as edits of the reference."""

import torch
from torch import nn

from grader.suite.writing import misconception

BUILD = "Building an LSTM model"
STACK = "Practice: stack multiple layers"
CELL = "Cell state v hidden state"
GATES = "Gates: forget, input, output"
WHY = "Why this lesson matters"

MODEL = "StackedLSTM.__init__"
RUN = "StackedLSTM.forward"
INIT = "LSTMStack.__init__"
FORWARD = "LSTMStack.forward"
STATES = "(torch.stack(last_h), torch.stack(last_c))"  # what forward returns beside the output

# StackedLSTM

misconception(
    "stacked_always_one_layer",
    "Your StackedLSTM does not tell nn.LSTM how many layers it should have, so there is only one. Pass "
    "num_layers on.",
    see=STACK, within=MODEL, edits=("hidden_size, num_layers, batch_first", "hidden_size, batch_first"),
)  # fmt: skip
misconception(
    "stacked_always_two_layers",
    "Your StackedLSTM always has two layers. Pass num_layers on to nn.LSTM.",
    see=STACK, within=MODEL, edits=("hidden_size, num_layers, batch_first", "hidden_size, 2, batch_first"),
)  # fmt: skip
misconception(
    "stacked_time_first",
    "Your nn.LSTM is not batch_first, but x is (B, T, I): it takes the batch for the time. Say "
    "batch_first=True.",
    see=BUILD, within=MODEL, edits=("batch_first=True, ", ""),
)  # fmt: skip
misconception(
    "stacked_both_directions",
    "Your nn.LSTM is bidirectional: it also reads from the end to the start, and gives 2·H numbers a step. "
    "One direction is asked for.",
    see=STACK, within=MODEL,
    edits=(
        ("dropout=dropout)", "dropout=dropout, bidirectional=True)"),
        ("nn.Linear(hidden_size,", "nn.Linear(2 * hidden_size,"),
    ),
)  # fmt: skip
misconception(
    "stacked_without_dropout",
    "Your StackedLSTM does not use its argument dropout. Pass it on to nn.LSTM, which drops between the "
    "layers.",
    see=STACK, within=MODEL, edits=(", dropout=dropout)", ")"),
)  # fmt: skip
misconception(
    "stacked_dropout_on_top",
    "Your StackedLSTM also drops numbers of the top layer, before fc. nn.LSTM's own dropout acts between "
    "the layers, and that is all that is asked for.",
    see=STACK,
    edits=(
        ("self.fc = nn.Linear(hidden_size, output_size)",
         "self.fc = nn.Linear(hidden_size, output_size)\n        self.drop = nn.Dropout(dropout)"),
        ("self.fc(output[:, -1])", "self.fc(self.drop(output[:, -1]))"),
    ),
)  # fmt: skip
misconception(
    "stacked_dropout_on_input",
    "Your StackedLSTM also drops numbers of x, before the first layer. nn.LSTM's own dropout acts between "
    "the layers, and that is all that is asked for.",
    see=STACK,
    edits=(
        ("self.fc = nn.Linear(hidden_size, output_size)",
         "self.fc = nn.Linear(hidden_size, output_size)\n        self.drop = nn.Dropout(dropout)"),
        ("self.lstm(x)", "self.lstm(self.drop(x))"),
    ),
)  # fmt: skip


@misconception(
    "stacked_two_modules",
    "Your StackedLSTM has an nn.LSTM for each layer. All layers belong into the one submodule `lstm`: "
    "nn.LSTM stacks them itself when you pass num_layers.",
    see=STACK,
)
class StackedLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, output_size, num_layers=2, dropout=0.0):
        super().__init__()
        self.lstm1 = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.lstm2 = nn.LSTM(hidden_size, hidden_size, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        output, _ = self.lstm1(x)
        output, _ = self.lstm2(self.dropout(output))
        return self.fc(output[:, -1])


misconception(
    "stacked_first_step",
    "Your StackedLSTM reads the first time step, where the layers have seen only one input. The last one, "
    "output[:, -1], has seen them all.",
    see=BUILD, within=RUN, edits=("output[:, -1]", "output[:, 0]"),
)  # fmt: skip
misconception(
    "stacked_last_sequence",
    "Your StackedLSTM takes output[-1], which is the last sequence of the batch. The time is dimension 1: "
    "output[:, -1].",
    see=BUILD, within=RUN, edits=("output[:, -1]", "output[-1]"),
)  # fmt: skip
misconception(
    "stacked_every_step",
    "Your StackedLSTM applies fc to every time step. Only the last step is asked for, so that the result is "
    "(B, output_size).",
    see=BUILD, within=RUN, edits=("output[:, -1]", "output"),
)  # fmt: skip
misconception(
    "stacked_mean_of_steps",
    "Your StackedLSTM takes the mean over the time steps. The last step alone is asked for.",
    see=BUILD, within=RUN, edits=("output[:, -1]", "output.mean(dim=1)"),
)  # fmt: skip
misconception(
    "stacked_bottom_layer",
    "Your StackedLSTM reads h_n[0], the first layer's state, so the layers above do nothing. The top "
    "layer's is h_n[-1].",
    see=STACK, within=RUN,
    edits=(("output, _ =", "_, (h_n, c_n) ="), ("output[:, -1]", "h_n[0]")),
)  # fmt: skip
misconception(
    "stacked_cell_state",
    "Your StackedLSTM reads the cell state c_n. What a layer shows is its hidden state: output[:, -1], or "
    "h_n[-1].",
    see=CELL, within=RUN, edits=(("output, _ =", "_, (h_n, c_n) ="), ("output[:, -1]", "c_n[-1]")),
)  # fmt: skip
misconception(
    "stacked_with_sigmoid",
    "Your StackedLSTM applies a sigmoid at the end. It should return what fc gives.",
    see=BUILD, within=RUN, edits=("self.fc(output[:, -1])", "torch.sigmoid(self.fc(output[:, -1]))"),
)  # fmt: skip
misconception(
    "stacked_with_relu",
    "Your StackedLSTM applies ReLU before fc, which throws the negative half of the hidden state away. "
    "Give fc the hidden state as it is.",
    see=BUILD, within=RUN, edits=("self.fc(output[:, -1])", "self.fc(torch.relu(output[:, -1]))"),
)  # fmt: skip
misconception(
    "stacked_squeezed",
    "Your StackedLSTM squeezes its result, so that dimensions of size 1 are lost. It should always be (B, "
    "output_size).",
    see=BUILD, within=RUN, edits=("self.fc(output[:, -1])", "self.fc(output[:, -1]).squeeze()"),
)  # fmt: skip
misconception(
    "stacked_detached",
    "The numbers of your StackedLSTM are right, but they are cut out of the graph (.data, .detach() or "
    "no_grad), so the layers could not learn.",
    see=WHY, within=RUN, edits=("output[:, -1]", "output[:, -1].detach()"),
)  # fmt: skip

# LSTMStack: how the layers are joined

misconception(
    "every_layer_reads_x",
    "Every layer of your stack reads x. Only the first one does; each further layer reads the outputs of "
    "the layer below it.",
    see=STACK, within=FORWARD, edits=("inputs[:, t]", "x[:, t]"),
)  # fmt: skip
misconception(
    "cells_go_up",
    "Your layers hand their cell states up. What a layer shows, to the next one as well, is its hidden "
    "state h.",
    see=CELL, within=FORWARD, edits=("outputs.append(h)", "outputs.append(c)"),
)  # fmt: skip
misconception(
    "layers_share_weights",
    "All layers of your stack use the weights of layer 0. Layer k has its own: weight_ih_l{k} and so on.",
    see=STACK, within=FORWARD,
    edits=(
        'names = (f"weight_ih_l{k}", f"weight_hh_l{k}", f"bias_ih_l{k}", f"bias_hh_l{k}")',
        'names = (f"weight_ih_l{k}", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")',
    ),
)  # fmt: skip
misconception(
    "layers_share_given_state",
    "Every layer of your stack starts from the first layer's part of the given state. Layer k starts from "
    "state[0][k] and state[1][k].",
    see=STACK, within=FORWARD, edits=("h, c = state[0][k], state[1][k]", "h, c = state[0][0], state[1][0]"),
)  # fmt: skip
misconception(
    "state_runs_into_next_layer",
    "In your stack a layer starts from the last state of the layer below. Each layer has a state of its "
    "own, which starts at state[0][k] and state[1][k].",
    see=STACK, within=FORWARD,
    edits=(
        "h, c = state[0][k], state[1][k]",
        "if k == 0:\n                h, c = state[0][k], state[1][k]",
    ),
)  # fmt: skip
misconception(
    "tanh_between_layers",
    "Your stack squashes the outputs between the layers. They go up as they are.",
    see=STACK, within=FORWARD,
    edits=("inputs[:, t]", "(inputs if k == 0 else torch.tanh(inputs))[:, t]"),
)  # fmt: skip
misconception(
    "layers_reversed_in_time",
    "In your stack every layer hands its steps up in reverse order. Append each step's h at the end, so "
    "that step t of one layer is step t of the next.",
    see=STACK, within=FORWARD, edits=("torch.stack(outputs, dim=1)", "torch.stack(outputs[::-1], dim=1)"),
)  # fmt: skip
misconception(
    "upper_layers_one_step_late",
    "In your stack a layer reads what the layer below had one step earlier. At step t it reads the output "
    "of the same step t.",
    see=STACK, within=FORWARD,
    edits=(
        "inputs = torch.stack(outputs, dim=1)",
        "inputs = torch.stack(outputs if k + 1 == self.num_layers else [state[0][k], *outputs[:-1]], dim=1)",
    ),
)  # fmt: skip
misconception(
    "detached_between_layers",
    "The numbers of your stack are right, but the outputs are detached between the layers, so the lower "
    "layers could not learn.",
    see=WHY, within=FORWARD,
    edits=("inputs[:, t]", "(inputs if k == 0 else inputs.detach())[:, t]"),
)  # fmt: skip
misconception(
    "detached_between_steps",
    "The numbers of your stack are right, but the state is detached between the steps, so that no gradient "
    "reaches back further than one step.",
    see=WHY, within=FORWARD, edits=("(h, c), *weights", "(h.detach(), c.detach()), *weights"),
)  # fmt: skip

# LSTMStack: the step

misconception(
    "state_reset_each_step",
    "Every step of your stack starts from the initial state, so that nothing is remembered. Set h and c "
    "once for each layer, before the loop over time.",
    see=STACK, within=FORWARD, edits=("(h, c), *weights", "(state[0][k], state[1][k]), *weights"),
)  # fmt: skip
misconception(
    "gates_in_another_order",
    "Your stack takes the parts of the pre-activations in the order f, i, g, o. PyTorch's order is i, f, "
    "g, o.",
    see=GATES, within=FORWARD,
    edits=("*weights)", "*(torch.cat([w.chunk(4)[1], w.chunk(4)[0], *w.chunk(4)[2:]]) for w in weights))"),
)  # fmt: skip
misconception(
    "without_recurrent_bias",
    "Your stack leaves bias_hh out. PyTorch has two biases, and both are added.",
    see=GATES, within=FORWARD, edits=("*weights)", "*weights[:3])"),
)  # fmt: skip

# LSTMStack: what goes in and comes out

misconception(
    "given_state_ignored",
    "Your stack always starts from zeros, also where a state is given.",
    see=CELL, within=FORWARD, edits=("if state is None:", "if True:"),
)  # fmt: skip
misconception(
    "given_state_swapped",
    "Your stack reads the given state as (c, h). The order is (h, c), hidden state first.",
    see=CELL, within=FORWARD, edits=("h, c = state[0][k], state[1][k]", "c, h = state[0][k], state[1][k]"),
)  # fmt: skip
misconception(
    "given_state_changed",
    "Your stack writes the new state into the tensors that it is given. The caller may need them again: "
    "make new ones.",
    see=CELL, within=FORWARD,
    edits=("last_h.append(h)", "state[0].data[k] = h.detach()\n            last_h.append(h)"),
)  # fmt: skip
misconception(
    "zeros_of_float32",
    "The initial state of your stack is always float32: torch.zeros(…) does not look at x. Use "
    "x.new_zeros(…).",
    see=CELL, within=FORWARD,
    edits=("x.new_zeros(self.num_layers, x.shape[0], self.hidden_size)",
           "torch.zeros(self.num_layers, x.shape[0], self.hidden_size, dtype=torch.float32)"),
)  # fmt: skip
misconception(
    "output_of_the_bottom_layer",
    "The output of your stack is the first layer's. It should be the top layer's: what has gone through "
    "all of them.",
    see=STACK, within=FORWARD,
    edits=(
        ("last_h.append(h)", "bottom = inputs if k == 0 else bottom\n            last_h.append(h)"),
        ("return inputs,", "return bottom,"),
    ),
)  # fmt: skip
misconception(
    "output_of_all_layers",
    "The output of your stack holds all layers side by side, (B, T, L·H). It should be the top layer's "
    "alone, (B, T, H).",
    see=STACK, within=FORWARD,
    edits=(
        ("last_h.append(h)",
         "every = inputs if k == 0 else torch.cat([every, inputs], dim=2)\n            last_h.append(h)"),
        ("return inputs,", "return every,"),
    ),
)  # fmt: skip
misconception(
    "output_time_first",
    "The output of your stack has the time first. It should be (B, T, H): join the steps along dimension 1.",
    see=STACK, within=FORWARD, edits=("return inputs,", "return inputs.transpose(0, 1),"),
)  # fmt: skip
misconception(
    "state_of_the_top_only",
    "Your stack returns the top layer's state alone, (1, B, H). Every layer's belongs to it, (L, B, H), or "
    "nobody could go on from there.",
    see=STACK, within=FORWARD,
    edits=(STATES, "(torch.stack(last_h[-1:]), torch.stack(last_c[-1:]))"),
)  # fmt: skip
misconception(
    "state_top_first",
    "Your stack returns the states with the top layer first. As in nn.LSTM the first layer comes first.",
    see=STACK, within=FORWARD,
    edits=(STATES, "(torch.stack(last_h[::-1]), torch.stack(last_c[::-1]))"),
)  # fmt: skip
misconception(
    "state_batch_first",
    "Your stack returns states of shape (B, L, H). Also in a batch-first layer the state has the layers "
    "first, (L, B, H).",
    see=STACK, within=FORWARD,
    edits=(STATES, "(torch.stack(last_h, dim=1), torch.stack(last_c, dim=1))"),
)  # fmt: skip
misconception(
    "state_as_lists",
    "Your stack returns lists with a tensor for each layer. h_n and c_n are tensors, (L, B, H): join the "
    "lists with torch.stack.",
    see=STACK, within=FORWARD, edits=(STATES, "(last_h, last_c)"),
)  # fmt: skip
misconception(
    "returned_state_swapped",
    "Your stack returns the state as (c_n, h_n). The order is (h_n, c_n), hidden state first.",
    see=CELL, within=FORWARD,
    edits=(STATES, "(torch.stack(last_c), torch.stack(last_h))"),
)  # fmt: skip

# LSTMStack: the parameters

misconception(
    "upper_weights_as_wide_as_x",
    "weight_ih of every layer of your stack has I columns. Only layer 0 reads x; the layers above read H "
    "numbers, so theirs are (4H, H).",
    see=STACK, within=INIT, edits=("below = input_size if k == 0 else hidden_size", "below = input_size"),
)  # fmt: skip
misconception(
    "layers_counted_from_one",
    "Your layers are numbered from 1. As in nn.LSTM the first is l0.",
    see=STACK,
    edits=(
        ('f"{name}_l{k}"', 'f"{name}_l{k + 1}"'),
        ('(f"weight_ih_l{k}", f"weight_hh_l{k}", f"bias_ih_l{k}", f"bias_hh_l{k}")',
         '(f"weight_ih_l{k + 1}", f"weight_hh_l{k + 1}", f"bias_ih_l{k + 1}", f"bias_hh_l{k + 1}")'),
    ),
)  # fmt: skip
misconception(
    "parameters_in_a_list",
    "Your parameters are in a plain Python list or are plain attributes of one: model.parameters() does "
    "not find them. Register each under its name with register_parameter.",
    see=BUILD, within=INIT,
    edits=(
        'self.register_parameter(f"{name}_l{k}", nn.Parameter(start))',
        'self.__dict__[f"{name}_l{k}"] = nn.Parameter(start)',
    ),
)  # fmt: skip


@misconception(
    "cells_as_submodules",
    "Your stack keeps its nn.LSTMCells as submodules, so its parameters are called cells.0.weight_ih and "
    "the like, and a state_dict of nn.LSTM does not load. Register them as weight_ih_l0 and so on.",
    see=STACK,
)
class LSTMStack(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.cells = nn.ModuleList([nn.LSTMCell(size, hidden_size) for size in sizes])

    def forward(self, x, state=None):
        if state is None:
            zeros = x.new_zeros(len(self.cells), x.shape[0], self.cells[0].hidden_size)
            state = (zeros, zeros)
        h, c = list(state[0]), list(state[1])
        outputs = []
        for t in range(x.shape[1]):
            below = x[:, t]
            for k, cell in enumerate(self.cells):
                h[k], c[k] = cell(below, (h[k], c[k]))
                below = h[k]
            outputs.append(below)
        return torch.stack(outputs, dim=1), (torch.stack(h), torch.stack(c))


misconception(
    "starts_from_zeros",
    "The weights of your stack start as zeros, so all units of a gate would learn alike. Draw them: "
    "uniform in ±1/√H.",
    see=BUILD, within=INIT, edits=("bound = 1 / math.sqrt(hidden_size)", "bound = 0.0"),
)  # fmt: skip
