"""Hidden suite of `gates`. Each function has a test of its numbers and one of the care that PyTorch code needs."""

from grader.suite.writing import assert_same, assert_same_gradients, points, unchanged

GATE = ("x", "h", "weight_ih", "weight_hh", "bias")
UPDATE = ("forget", "input", "candidate", "cell")
EXPOSE = ("output", "cell")


def gate_arguments(draw, size=0):
    """x, h, weight_ih, weight_hh, bias: all sizes different, or all of this one, where a transpose is no shape error."""
    B, I, H = (size,) * 3 if size else draw.sizes(3)
    return [draw.normal(*shape) for shape in ((B, I), (B, H), (H, I), (H, H), (H,))]


def elementwise_arguments(draw, count, size=0):
    """Tensors (B, H) of any sign: gates outside 0…1 tell formulas apart that agree inside."""
    B, H = (size,) * 2 if size else draw.sizes(2)
    return [draw.normal(B, H) for _ in range(count)]


def check_numbers(function, expected, arguments, draw):
    """All sizes different, then large numbers of the same sizes: a result remembered from before shows, too.

    What overflows for these in float64 does so in float32 for pre-activations of ±100.
    """
    first = arguments(draw)
    right = expected(*first)
    assert_same(function(*first), right)
    large = [draw.normal(*tensor.shape, scale=100.0) for tensor in first]
    right = expected(*large)
    assert_same(function(*large), right, "the result for large numbers")


def check_care(function, expected, arguments, names, draw):
    """All sizes equal: float32 tensors, which stay as they are; then strided ones, all reached by gradients."""
    size = draw.integer(2, 5)
    single = dict(zip(names, [tensor.float() for tensor in arguments(draw, size)], strict=True))
    right = expected(*single.values())
    with unchanged(**single):
        result = function(*single.values())
    assert_same(result, right, "the result for float32 tensors")
    strided = [tensor.mT.contiguous().mT if tensor.dim() == 2 else tensor for tensor in arguments(draw, size)]
    leaves = dict(zip(names, [tensor.requires_grad_() for tensor in strided], strict=True))
    right = expected(*leaves.values())
    result = function(*leaves.values())
    assert_same(result, right, "the result for transposed, non-contiguous tensors")
    assert_same_gradients(result, right, leaves, draw)


def update_arguments(draw, size=0):
    return elementwise_arguments(draw, 4, size)


def expose_arguments(draw, size=0):
    return elementwise_arguments(draw, 2, size)


@points(1)
def test_forget_gate(student, reference, draw):
    """The forget gate is the sigmoid of x·W_ihᵀ + h·W_hhᵀ + bias"""
    check_numbers(student.forget_gate, reference.forget_gate, gate_arguments, draw)


@points(0.25)
def test_forget_gate_with_care(student, reference, draw):
    """The forget gate keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.forget_gate, reference.forget_gate, gate_arguments, GATE, draw)


@points(1)
def test_input_gate(student, reference, draw):
    """The input gate is the sigmoid of x·W_ihᵀ + h·W_hhᵀ + bias"""
    check_numbers(student.input_gate, reference.input_gate, gate_arguments, draw)


@points(0.25)
def test_input_gate_with_care(student, reference, draw):
    """The input gate keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.input_gate, reference.input_gate, gate_arguments, GATE, draw)


@points(1)
def test_output_gate(student, reference, draw):
    """The output gate is the sigmoid of x·W_ihᵀ + h·W_hhᵀ + bias"""
    check_numbers(student.output_gate, reference.output_gate, gate_arguments, draw)


@points(0.25)
def test_output_gate_with_care(student, reference, draw):
    """The output gate keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.output_gate, reference.output_gate, gate_arguments, GATE, draw)


@points(1)
def test_candidate(student, reference, draw):
    """The candidate is the tanh of x·W_ihᵀ + h·W_hhᵀ + bias"""
    check_numbers(student.candidate, reference.candidate, gate_arguments, draw)


@points(0.25)
def test_candidate_with_care(student, reference, draw):
    """The candidate keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.candidate, reference.candidate, gate_arguments, GATE, draw)


@points(1)
def test_update_cell(student, reference, draw):
    """The new cell state is forget ∘ cell + input ∘ candidate"""
    check_numbers(student.update_cell, reference.update_cell, update_arguments, draw)


@points(0.5)
def test_update_cell_with_care(student, reference, draw):
    """update_cell keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.update_cell, reference.update_cell, update_arguments, UPDATE, draw)


@points(1)
def test_expose_hidden(student, reference, draw):
    """The hidden state is output ∘ tanh(cell)"""
    check_numbers(student.expose_hidden, reference.expose_hidden, expose_arguments, draw)


@points(0.5)
def test_expose_hidden_with_care(student, reference, draw):
    """expose_hidden keeps dtypes, leaves its arguments alone and can be differentiated"""
    check_care(student.expose_hidden, reference.expose_hidden, expose_arguments, EXPOSE, draw)
