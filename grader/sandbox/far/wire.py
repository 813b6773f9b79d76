"""The wire format between the near side and the far side: plain data and tensors, nothing else.

A message is a length, a msgpack header that fits one of the structs below, and the raw bytes of its tensors.
Both sides use this module, but neither believes the other more than the structs allow: what does not decode,
what is longer than the limits and what does not add up is a `WireError`. There is no pickle in either direction.
"""

from __future__ import annotations

import math
import struct
from typing import Annotated, Any

import msgspec
import torch

HEADER_LIMIT = 8 * 2**20
BLOB_LIMIT = 512 * 2**20
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 2**40  # also of an empty tensor, by its other sizes: beyond it torch overflows
TEXT_LIMIT = 16 * 2**10
NAME_LIMIT = 200
FRAME_LIMIT = 20
CLASS_LIMIT = 50

DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
        torch.complex128, torch.complex64,
    )
}  # fmt: skip
DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}


Name = Annotated[str, msgspec.Meta(max_length=NAME_LIMIT)]
Text = Annotated[str, msgspec.Meta(max_length=TEXT_LIMIT)]


class WireError(Exception):
    """The other side sent what no honest peer sends."""


# Values ------------------------------------------------------------------------------------------------------


class BytesValue(msgspec.Struct, tag="b", array_like=True):
    """Bytes: blob number `blob` of the message."""

    blob: int


class ListValue(msgspec.Struct, tag="l", array_like=True):
    """A list."""

    items: list[Value]


class TupleValue(msgspec.Struct, tag="u", array_like=True):
    """A tuple; a named tuple crosses as a plain one."""

    items: list[Value]


class DictValue(msgspec.Struct, tag="d", array_like=True):
    """A dict, in its order; keys are plain scalars."""

    items: list[tuple[str | int | float | bool | None, Value]]


class TensorValue(msgspec.Struct, tag="t", array_like=True):
    """A dense CPU tensor: its bytes are blob number `blob` of the message.

    `strides` is None for a contiguous tensor. `known` is the far side's number of a leaf that lives there (a
    parameter), so that both sides mean the same tensor; `grad` is the leaf's existing gradient.
    """

    dtype: str
    shape: list[int]
    blob: int
    strides: list[int] | None = None
    requires_grad: bool = False
    parameter: bool = False
    known: int | None = None
    grad: TensorValue | None = None


class SameTensor(msgspec.Struct, tag="s", array_like=True):
    """The tensor that stands at this place among the tensors of this message: one object passed twice."""

    index: int


class KnownTensor(msgspec.Struct, tag="k", array_like=True):
    """A leaf that lives on the far side, by its number."""

    known: int


class HandleValue(msgspec.Struct, tag="h", array_like=True):
    """An object that stays on the far side: its number, its type's name, and which known classes it is of."""

    number: int
    type_name: Name = ""
    classes: Annotated[list[Name], msgspec.Meta(max_length=CLASS_LIMIT)] = []
    callable: bool = False


class DtypeValue(msgspec.Struct, tag="y", array_like=True):
    """A torch.dtype, by name."""

    name: str


class DeviceValue(msgspec.Struct, tag="v", array_like=True):
    """A torch.device, by name."""

    name: str


Value = (
    None | bool | int | float | str
    | BytesValue | ListValue | TupleValue | DictValue | TensorValue | SameTensor | KnownTensor
    | HandleValue | DtypeValue | DeviceValue
)  # fmt: skip


# Messages ----------------------------------------------------------------------------------------------------


class Read(msgspec.Struct, tag="read", kw_only=True):
    """The first message to a fork: the student's files. They are compiled and read for bans, not yet run.

    `banned_names` are patterns of dotted names (`torch.nn.LSTM*`); `within` narrows the ban to one definition.
    """

    files: dict[str, BytesValue]
    module: str
    banned_names: list[str] = []
    definitions: list[str] = []
    blobs: list[int] = []


class Offence(msgspec.Struct, array_like=True):
    """A banned call, and the line of the student's file that makes it."""

    name: str
    file: str
    line: int


class ReadResult(msgspec.Struct, tag="read_result", kw_only=True):
    """What reading found: why the module is no Python (`problem`, at `line`), or which bans it breaks."""

    problem: str = ""
    line: int = 0
    offences: list[Offence] = []
    blobs: list[int] = []


class Load(msgspec.Struct, tag="load", kw_only=True):
    """Run the student's module."""

    blobs: list[int] = []


class Call(msgspec.Struct, tag="call", kw_only=True):
    """Call `function`: a handle, a name of the student's module (`student:forget_gate`), or a dotted name.

    `new_test` drops every handle and graph of earlier calls first and seeds the global generators with it. What the call
    does to its arguments is told where `changes` asks for it.
    """

    number: int
    function: HandleValue | str
    args: TupleValue
    kwargs: DictValue
    grad_enabled: bool = True
    new_test: int | None = None
    changes: bool = False
    free_handles: list[int] = []
    free_calls: list[int] = []
    blobs: list[int] = []


class Backward(msgspec.Struct, tag="backward", kw_only=True):
    """Gradients of the sum of `outputs · grads` of an earlier call, for its inputs and its leaves."""

    number: int
    call: int
    grads: list[TensorValue | None]
    blobs: list[int] = []


class Answer(msgspec.Struct, tag="answer", kw_only=True):
    """What a lent model answers to `Asked`, or why it cannot."""

    value: TensorValue | None
    problem: Text = ""
    blobs: list[int] = []


Request = Read | Load | Call | Backward | Answer


class Frame(msgspec.Struct, array_like=True):
    """A line of the student's own files in a traceback."""

    file: str
    line: int
    function: Name


class Raised(msgspec.Struct, tag="raised", kw_only=True):
    """The student's code raised. `bases` are the built-in classes that the exception belongs to."""

    number: int
    type_name: Name
    bases: list[Name]
    text: Text
    frames: Annotated[list[Frame], msgspec.Meta(max_length=FRAME_LIMIT)] = []
    offence: Offence | None = None
    blobs: list[int] = []


class Change(msgspec.Struct, array_like=True):
    """An argument that the call changed: its place among the mutable arguments, and what it is now."""

    index: int
    value: Value


class Returned(msgspec.Struct, tag="returned", kw_only=True):
    """What came back. `leaves` are the far side's parameters that the result depends on."""

    number: int
    value: Value
    leaves: list[TensorValue] = []
    changes: list[Change] = []
    offence: Offence | None = None
    blobs: list[int] = []


class Gradients(msgspec.Struct, tag="gradients", kw_only=True):
    """Answer to `Backward`: one gradient or None for each input, then for each leaf."""

    number: int
    grads: list[TensorValue | None]
    blobs: list[int] = []


Plain = TensorValue | None | bool | int | float


class Asked(msgspec.Struct, tag="asked", kw_only=True):
    """In the middle of call `number`, student code calls a model that lives on the near side; `Answer` comes next."""

    number: int
    lent: int
    args: list[Plain]
    kwargs: dict[Name, Plain]
    training: bool
    grad_enabled: bool
    blobs: list[int] = []


Reply = ReadResult | Returned | Raised | Gradients | Asked

request_decoder = msgspec.msgpack.Decoder(Request)
reply_decoder = msgspec.msgpack.Decoder(Reply)
_encoder = msgspec.msgpack.Encoder()
_LENGTH = struct.Struct(">I")
_TRUTH = bytes([0, *[1] * 255])


def pack(message: Request | Reply, blobs: list[bytes | bytearray | memoryview]) -> list[bytes | bytearray | memoryview]:
    """The message as buffers to send one after the other; it is told the lengths of its blobs."""
    message.blobs = [len(blob) for blob in blobs]
    if sum(message.blobs) > BLOB_LIMIT:
        raise WireError(f"more than {BLOB_LIMIT // 2**20} MB of tensors")
    header = _encoder.encode(message)
    if len(header) > HEADER_LIMIT:
        raise WireError(f"more than {HEADER_LIMIT // 2**20} MB of plain values")
    return [_LENGTH.pack(len(header)), header, *blobs]


def header_length(prefix: bytes) -> int:
    """The length of the header that follows these four bytes."""
    (length,) = _LENGTH.unpack(prefix)
    if length > HEADER_LIMIT:
        raise WireError("the header is too long")
    return int(length)


def blob_lengths(message: Request | Reply) -> list[int]:
    """The lengths of the blobs that follow the header, checked against the limit."""
    if any(length < 0 for length in message.blobs) or sum(message.blobs) > BLOB_LIMIT:
        raise WireError("the tensors are too large")
    return message.blobs


# Tensors -----------------------------------------------------------------------------------------------------


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """A copy of the tensor's numbers, in row order."""
    if tensor.dtype is torch.bfloat16:  # unknown to NumPy
        tensor = tensor.detach().contiguous().view(torch.int16)
    return tensor.numpy(force=True).tobytes()


def tensor_from(value: TensorValue, blobs: list[bytearray]) -> torch.Tensor:
    """A dense CPU tensor over its own blob; everything that it says of itself is checked against the blob."""
    dtype = DTYPES.get(value.dtype)
    if dtype is None:
        raise WireError(f"no such dtype: {value.dtype!r}")
    if not 0 <= value.blob < len(blobs):
        raise WireError("a tensor without bytes")
    shape, blob = value.shape, blobs[value.blob]
    if len(shape) > DEPTH_LIMIT or min(shape, default=0) < 0:
        raise WireError("a tensor of impossible shape")
    needed = math.prod(shape)
    if value.strides is not None:
        needed = _span(shape, value.strides)
    if needed * dtype.itemsize != len(blob):
        raise WireError("a tensor whose bytes do not fit its shape")
    if needed == 0:
        if math.prod(max(size, 1) for size in shape) > ELEMENT_LIMIT:
            raise WireError("a tensor of impossible shape")
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:  # any other byte in a bool tensor is undefined behaviour in torch
        blob[:] = blob.translate(_TRUTH)
    flat = torch.frombuffer(blob, dtype=dtype)
    if value.strides is not None:
        return flat.as_strided(shape, value.strides)
    return flat if len(shape) == 1 else flat.view(shape)


def _span(shape: list[int], strides: list[int]) -> int:
    """How many elements of memory a tensor of these strides reaches over."""
    if len(strides) != len(shape) or any(not 0 <= step < ELEMENT_LIMIT for step in strides):
        raise WireError("a tensor of impossible strides")
    return 0 if 0 in shape else 1 + sum((size - 1) * step for size, step in zip(shape, strides, strict=True))


def describe_tensor(tensor: torch.Tensor, blobs: list[Any], *, keep_strides: bool = False) -> TensorValue:
    """Put the tensor's bytes among the blobs and say what they are."""
    name = DTYPE_NAMES.get(tensor.dtype)
    if name is None:
        raise WireError(f"a tensor of dtype {tensor.dtype}")
    shape = list(tensor.shape)
    strides = None
    if keep_strides and not tensor.is_contiguous() and tensor.numel():
        strides = list(tensor.stride())
        tensor = tensor.detach().as_strided((_span(shape, strides),), (1,))
    blobs.append(tensor_bytes(tensor))
    return TensorValue(dtype=name, shape=shape, blob=len(blobs) - 1, strides=strides)
