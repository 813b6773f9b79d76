"""Hidden suite of `gates`. Each function has a test of its numbers and one of the care that PyTorch code needs."""

from grader.suite.writing import assert_same, assert_same_gradients, points, unchanged

GATE = ("x", "h", "weight_ih", "weight_hh", "bias")
UPDATE = ("forget", "input", "candidate", "cell")
EXPOSE = ("output", "cell")


def gate_arguments(draw, square=False):
    """x, h, weight_ih, weight_hh, bias: all sizes different, or all equal, where a transpose is no shape error."""
    B, I, H = (draw.integer(2, 5),) * 3 if square else draw.sizes(3)
    return [draw.normal(*shape) for shape in ((B, I), (B, H), (H, I), (H, H), (H,))]


def elementwise_arguments(draw, count, square=False):
    """Tensors (B, H) of any sign: gates outside 0…1 tell formulas apart that agree inside."""
    B, H = (draw.integer(2, 5),) * 2 if square else draw.sizes(2)
    return [draw.normal(B, H) for _ in range(count)]


def check_numbers(function, expected, arguments, draw):
    """All sizes different, all equal, and large numbers of the same sizes: a result remembered from before shows, too."""
    first, square = arguments(draw), arguments(draw, square=True)
    for args in (first, square):
        right = expected(*args)
        assert_same(function(*args), right)
    large = [draw.normal(*tensor.shape, scale=100.0) for tensor in square]
    right = expected(*large)
    assert_same(function(*large), right, "the result for large numbers")


def check_care(function, expected, arguments, names, draw):
    """Arguments stay as they are, dtypes are kept, strides do not matter, gradients reach every argument."""
    first = arguments(draw)

    def others():
        return [draw.normal(*tensor.shape) for tensor in first]

    strided = [tensor.mT.contiguous().mT if tensor.dim() == 2 else tensor for tensor in first]
    right = expected(*strided)
    with unchanged(**dict(zip(names, strided, strict=True))):
        assert_same(function(*strided), right, "the result for transposed, non-contiguous tensors")
    single = [tensor.float() for tensor in others()]
    right = expected(*single)
    assert_same(function(*single), right, "the result for float32 tensors")
    leaves = [tensor.requires_grad_() for tensor in others()]
    right = expected(*leaves)
    assert_same_gradients(function(*leaves), right, dict(zip(names, leaves, strict=True)), draw)


def update_arguments(draw, square=False):
    return elementwise_arguments(draw, 4, square)


def expose_arguments(draw, square=False):
    return elementwise_arguments(draw, 2, square)


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
