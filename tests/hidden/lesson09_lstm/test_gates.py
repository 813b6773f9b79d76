"""Hidden suite of `gates`. Each function has a test of its numbers and one of the care that PyTorch code needs."""

from grader.suite.writing import assert_same, assert_same_gradients, points, unchanged

GATE = ("x", "h", "weight_ih", "weight_hh", "bias")
UPDATE = ("forget", "input", "candidate", "cell")
EXPOSE = ("output", "cell")


def gate_arguments(draw, size=0, reach=0.0):
    """x, h, weight_ih, weight_hh, bias: all sizes different, or all of this one, where a transpose is no shape error.

    With `reach` x and h are so large that the two products add up to ±reach.
    """
    B, I, H = (size,) * 3 if size else draw.sizes(3)
    x, h, weight_ih, weight_hh, bias = [draw.normal(*shape) for shape in ((B, I), (B, H), (H, I), (H, H), (H,))]
    if reach:
        times = reach / (x @ weight_ih.T + h @ weight_hh.T).abs().max()
        x, h = x * times, h * times
    return [x, h, weight_ih, weight_hh, bias]


def elementwise_arguments(draw, count, size=0, reach=0.0):
    """Tensors (B, H) of any sign: gates outside 0…1 tell formulas apart that agree inside. With `reach`: up to ±reach."""
    B, H = (size,) * 2 if size else draw.sizes(2)
    tensors = [draw.normal(B, H) for _ in range(count)]
    return [tensor * (reach / tensor.abs().max()) for tensor in tensors] if reach else tensors


def check_numbers(function, expected, arguments, draw):
    """All sizes different."""
    args = arguments(draw)
    right = expected(*args)
    assert_same(function(*args), right)


def check_care(function, expected, arguments, names, draw):
    """All sizes equal: strided tensors, all reached by gradients; then others in float32 up to ±100, which stay."""
    size = draw.integer(2, 5)
    strided = [tensor.mT.contiguous().mT if tensor.dim() == 2 else tensor for tensor in arguments(draw, size)]
    leaves = dict(zip(names, [tensor.requires_grad_() for tensor in strided], strict=True))
    right = expected(*leaves.values())
    result = function(*leaves.values())
    assert_same(result, right, "the result for transposed, non-contiguous tensors")
    assert_same_gradients(result, right, leaves, draw)
    large = dict(zip(names, [tensor.float() for tensor in arguments(draw, size, reach=95.0)], strict=True))
    right = expected(*large.values())
    with unchanged(**large):
        result = function(*large.values())
    assert_same(result, right, "the result for large float32 numbers", atol=1e-3)  # their sums are rounded to some 1e-5


def update_arguments(draw, size=0, reach=0.0):
    return elementwise_arguments(draw, 4, size, reach**0.5)  # of which products are made


def expose_arguments(draw, size=0, reach=0.0):
    return elementwise_arguments(draw, 2, size, reach)


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
