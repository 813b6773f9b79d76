"""The wire format: what is sent arrives, what is malformed is refused without harm."""

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox.far import wire

DTYPES = sorted(wire.DTYPES)
SHAPES = st.lists(st.integers(0, 4), max_size=4)


@given(dtype=st.sampled_from(DTYPES), shape=SHAPES, transposed=st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_tensor_arrives_as_it_was_sent(dtype, shape, transposed):
    """Values, shape, dtype and strides survive."""
    tensor = (torch.rand(shape, dtype=torch.float64) * 100).to(wire.DTYPES[dtype])
    if transposed and tensor.dim() >= 2:
        tensor = tensor.transpose(0, 1)
    blobs = []
    value = wire.describe_tensor(tensor, blobs, keep_strides=True)
    again = wire.tensor_from(value, [bytearray(blob) for blob in blobs])
    assert again.dtype == tensor.dtype
    assert again.shape == tensor.shape
    assert torch.equal(again, tensor)
    if not tensor.is_contiguous() and tensor.numel():
        assert again.stride() == tensor.stride()


@given(
    dtype=st.sampled_from([*DTYPES, "object", "float128", ""]),
    shape=st.lists(st.integers(-3, 2**41), max_size=5),
    strides=st.none() | st.lists(st.integers(-3, 2**41), max_size=5),
    blob=st.integers(-2, 3),
    length=st.integers(0, 64),
)
@settings(max_examples=500, deadline=None)
def test_a_lying_tensor_is_refused(dtype, shape, strides, blob, length):
    """Whatever a tensor says of itself, it holds no more than the bytes that came, or it is a WireError."""
    value = wire.TensorValue(dtype=dtype, shape=shape, blob=blob, strides=strides)
    try:
        tensor = wire.tensor_from(value, [bytearray(length)])
    except wire.WireError:
        return
    assert tensor.untyped_storage().nbytes() <= max(length, 8)


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_garbage_is_refused(data):
    """Bytes that are no message raise nothing but the errors that the session expects."""
    try:
        message = wire.reply_decoder.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return
    wire.blob_lengths(message)


def test_a_bottomless_value_is_refused():
    """A value nested a million deep is refused and not followed."""
    deep = msgspec.msgpack.encode({"type": "returned", "number": 1})
    nested = deep[:1].replace(b"\x82", b"\x83") + deep[1:] + b"\xa5value" + b"\x92\xa1l\x91" * 1_000_000 + b"\xc0"
    with pytest.raises((msgspec.MsgspecError, RecursionError)):
        wire.reply_decoder.decode(nested)


def test_lengths_are_bounded():
    """A header or blobs beyond the limits are refused before anything is read."""
    with pytest.raises(wire.WireError):
        wire.header_length(b"\xff\xff\xff\xff")
    with pytest.raises(wire.WireError):
        wire.blob_lengths(wire.Returned(number=1, value=None, blobs=[2**60]))
    with pytest.raises(wire.WireError):
        wire.blob_lengths(wire.Returned(number=1, value=None, blobs=[-1, 2**31]))


def test_strange_bools_are_made_plain():
    """A byte other than 0 and 1 in a bool tensor is undefined behavior in torch; it arrives as True."""
    tensor = wire.tensor_from(wire.TensorValue(dtype="bool", shape=[3], blob=0), [bytearray(b"\x00\x01\x7f")])
    assert tensor.tolist() == [False, True, True]
    assert (tensor.int()).tolist() == [0, 1, 1]
