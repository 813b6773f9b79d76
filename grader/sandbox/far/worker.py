"""One fork: loads one student's module and answers calls until its socket closes.

From `Load` on this process belongs to the student, who may do anything to it. Nothing here is secret, and nothing
that it answers is believed beyond its form.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import random
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import msgspec
import numpy
import torch

from . import kernels, reading, standins, wire
from .gradient import vector_jacobian

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from types import CodeType, FrameType

STUDENT = "student:"
STAND_IN = "stand_in:"
METHOD = "method:"
LEND = "grader:lend"
RANDOM_STATE = "grader:random_state"
MISSING = "grader:missing"
UNSENDABLE = "grader:unsendable"
_CHUNK = 2**16


class Connection:
    """Whole messages over a stream socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._received = bytearray()

    def receive(self) -> tuple[wire.Request, list[bytearray]]:
        """The next request and its blobs, each in memory of its own.

        Raises:
            EOFError: the near side has closed the channel.
        """
        header = self._exactly(wire.header_length(bytes(self._exactly(4))))
        message = wire.request_decoder.decode(header)
        return message, [self._exactly(length) for length in wire.blob_lengths(message)]

    def _exactly(self, length: int) -> bytearray:
        while len(self._received) < length:
            part = self._channel.recv(max(_CHUNK, min(length - len(self._received), 2**20)))
            if not part:
                raise EOFError
            self._received += part
        taken = self._received[:length]
        del self._received[:length]
        return taken

    def send(self, message: wire.Reply, blobs: list[Any]) -> None:
        """One reply."""
        self._channel.sendall(b"".join(wire.pack(message, blobs)))


class Arguments:
    """The arguments of one call: decoded and, if they are watched, remembered well enough to say what the call changed."""

    def __init__(self, objects: Objects, blobs: list[bytearray], *, watched: bool) -> None:
        self._objects = objects
        self._blobs = blobs
        self._watched = watched
        self.tensors: list[torch.Tensor] = []
        self.leaves: list[torch.Tensor] = []
        """The argument tensors that gradients are asked for, in their order."""
        self._mutable: list[tuple[Any, Any]] = []

    def decode(self, value: Any) -> Any:
        """The object that a wire value stands for."""
        match value:
            case wire.TensorValue():
                return self._tensor(value)
            case wire.ListValue():
                items: list[Any] = []
                place = len(self._mutable)
                self._mutable.append((items, None))
                items.extend(self.decode(item) for item in value.items)
                self._mutable[place] = (items, list(items))
                return items
            case wire.DictValue():
                table: dict[Any, Any] = {}
                place = len(self._mutable)
                self._mutable.append((table, None))
                table.update((key, self.decode(item)) for key, item in value.items)
                self._mutable[place] = (table, dict(table))
                return table
            case wire.TupleValue():
                return tuple(self.decode(item) for item in value.items)
            case wire.SameTensor():
                return self.tensors[value.index]
            case wire.KnownTensor():
                tensor = self._objects.by_number[value.known]
                self.tensors.append(tensor)
                return tensor
            case wire.HandleValue():
                return self._objects.by_number[value.number]
            case wire.BytesValue():
                return bytes(self._blobs[value.blob])
            case wire.DtypeValue():
                return wire.DTYPES[value.name]
            case wire.DeviceValue():
                return torch.device(value.name)
            case _:
                return value

    def _tensor(self, value: wire.TensorValue) -> torch.Tensor:
        tensor = wire.tensor_from(value, self._blobs)
        if value.parameter:
            tensor = torch.nn.Parameter(tensor, requires_grad=value.requires_grad)
        elif value.requires_grad:
            tensor.requires_grad_()
        if value.requires_grad:
            self.leaves.append(tensor)
        if value.grad is not None:
            tensor.grad = wire.tensor_from(value.grad, self._blobs)
        self.tensors.append(tensor)
        if self._watched:
            self._mutable.append((tensor, _Original(tensor, value, self._blobs)))
        return tensor

    def changes(self, encoder: Encoder) -> list[wire.Change]:
        """What the call did to its arguments."""
        found = []
        for index, (now, before) in enumerate(self._mutable if self._watched else ()):
            if isinstance(before, _Original):
                if before.differs_from(now):
                    found.append(wire.Change(index, encoder.plain_tensor(now)))
            elif isinstance(before, list):
                if len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True)):
                    found.append(wire.Change(index, encoder.encode(now)))
            elif list(now) != list(before) or any(now[key] is not before[key] for key in before):
                found.append(wire.Change(index, encoder.encode(now)))
        return found


class _Original:
    """An argument tensor as it was before the call.

    The tensor lies over the bytes that came. As long as it still does, comparing these with a copy is enough; what
    was given other memory, another form or a gradient is compared number by number.
    """

    def __init__(self, tensor: torch.Tensor, value: wire.TensorValue, blobs: list[bytearray]) -> None:
        self._value = value
        self._blob = blobs[value.blob]
        self._bytes = bytes(self._blob)
        self._image = tensor.detach()
        self._grad = None if tensor.grad is None else tensor.grad.clone()

    def differs_from(self, now: torch.Tensor) -> bool:
        """Whether the call changed values, form, `requires_grad` or gradient."""
        if now.requires_grad != self._value.requires_grad or now.dtype != self._image.dtype:
            return True
        if not now.is_set_to(self._image) or self._blob != self._bytes:
            original = wire.tensor_from(msgspec.structs.replace(self._value, blob=0), [bytearray(self._bytes)])
            if not identical(now.detach(), original):
                return True
        grad = now.grad if now.is_leaf else None
        if grad is None or self._grad is None:
            return grad is not self._grad
        return not identical(grad, self._grad)


def identical(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Equal bit by bit for all that a suite can tell: NaN equals NaN."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    return torch.equal(a, b) or bool(((a == b) | ((a != a) & (b != b))).all())


class Objects:
    """What stays on this side and is known on the other by its number."""

    def __init__(self) -> None:
        self._next = 1
        self.forget()

    def forget(self) -> None:
        """Drop every object and every graph; numbers are never used twice."""
        self.by_number: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self.calls: dict[int, tuple[list[torch.Tensor], list[torch.Tensor]]] = {}

    def number(self, obj: Any) -> int:
        """The number of this very object; the first time it gets one."""
        number = self._numbers.get(id(obj))
        if number is None:
            number = self._next
            self._next += 1
            self._numbers[id(obj)] = number
            self.by_number[number] = obj
        return number

    def free(self, numbers: list[int]) -> None:
        """Drop the objects that the near side no longer holds."""
        for number in numbers:
            obj = self.by_number.pop(number, None)
            self._numbers.pop(id(obj), None)


class Encoder:
    """Turns what a call returned into wire values, and notes which tensors carry gradient."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.blobs: list[Any] = []
        self.outputs: list[torch.Tensor] = []
        self.given: set[int] = set()

    def encode(self, value: Any, depth: int = 0) -> Any:
        """The wire value; whatever is no plain data stays here and goes as a handle."""
        if depth > wire.DEPTH_LIMIT:
            raise wire.WireError("it is nested too deep, or contains itself")
        if type(value) in (torch.Tensor, torch.nn.Parameter):
            return self._tensor(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and -(2**63) <= value < 2**64:
            return int(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, str):
            return str(value).encode("utf-8", "replace").decode()
        if isinstance(value, bytes | bytearray):
            self.blobs.append(bytes(value))
            return wire.BytesValue(len(self.blobs) - 1)
        if isinstance(value, list):
            return wire.ListValue([self.encode(item, depth + 1) for item in value])
        if isinstance(value, tuple):
            return wire.TupleValue([self.encode(item, depth + 1) for item in value])
        if isinstance(value, dict) and all(isinstance(key, str | int | float | None) for key in value):
            return wire.DictValue([(key, self.encode(item, depth + 1)) for key, item in value.items()])
        if isinstance(value, torch.dtype):
            return wire.DtypeValue(str(value).removeprefix("torch."))
        if isinstance(value, torch.device):
            return wire.DeviceValue(str(value))
        return self._handle(value)

    def _handle(self, value: Any) -> wire.HandleValue:
        known = [
            f"{kind.__module__}.{kind.__qualname__}"[: wire.NAME_LIMIT]
            for kind in type(value).__mro__
            if kind.__module__.startswith(("torch.", "builtins", "collections"))
        ]
        return wire.HandleValue(
            self._objects.number(value),
            _name(type(value)),
            known[: wire.CLASS_LIMIT],
            callable(value),
        )

    def _tensor(self, tensor: torch.Tensor) -> Any:
        if tensor.layout is not torch.strided or tensor.device.type != "cpu" or tensor.dtype not in wire.DTYPE_NAMES:
            return self._handle(tensor)
        value = self.plain_tensor(tensor)
        if tensor.requires_grad:
            if tensor.is_leaf and id(tensor) not in self.given:
                value.known = self._objects.number(tensor)
            else:
                self.outputs.append(tensor)
        return value

    def plain_tensor(self, tensor: torch.Tensor) -> wire.TensorValue:
        """The tensor's values and whether it requires grad; of a leaf also its gradient."""
        value = wire.describe_tensor(tensor, self.blobs)
        value.requires_grad = tensor.requires_grad
        value.parameter = type(tensor) is torch.nn.Parameter
        if tensor.is_leaf and tensor.grad is not None and type(tensor.grad) is torch.Tensor:
            value.grad = wire.describe_tensor(tensor.grad, self.blobs)
        return value

    def leaf(self, tensor: torch.Tensor) -> wire.TensorValue:
        """A parameter of this side that the result depends on."""
        value = self.plain_tensor(tensor)
        value.known = self._objects.number(tensor)
        return value


def leaves_behind(outputs: list[torch.Tensor]) -> list[torch.Tensor]:
    """The leaf tensors that these results depend on, in the order in which the graph is walked."""
    found: dict[int, torch.Tensor] = {}
    seen: set[Any] = set()
    waiting = [tensor.grad_fn for tensor in outputs if tensor.grad_fn is not None]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if variable is not None:
            found[id(variable)] = variable
        waiting += [following for following, _ in node.next_functions if following is not None]
    return list(found.values())


class Worker:
    """Serves one submission."""

    def __init__(self, channel: socket.socket, folder: str) -> None:
        self._connection = Connection(channel)
        self._folder = folder
        self._objects = Objects()
        self._files: dict[str, bytes] = {}
        self._module_name = ""
        self._path = ""
        self._code: CodeType | None = None
        self._module: Any = None
        self._number = 0
        self._asking = threading.Lock()
        self._offence: wire.Offence | None = None

    def serve(self) -> None:
        """Answer until the near side closes the channel."""
        while self.answer_one():
            pass

    def answer_one(self) -> bool:
        """Receive a request and answer it; False when the channel is closed."""
        try:
            request, blobs = self._connection.receive()
        except (EOFError, ConnectionError):
            return False
        reply, out = self._answer(request, blobs)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # the student may have closed or replaced it
                stream.flush()
        try:
            self._connection.send(reply, out)
        except (wire.WireError, ValueError, TypeError, RecursionError) as error:
            self._connection.send(_unsendable(request, error), [])
        return True

    def _answer(self, request: wire.Request, blobs: list[bytearray]) -> tuple[wire.Reply, list[Any]]:
        if isinstance(request, wire.Read):
            self._files = {name: bytes(blobs[value.blob]) for name, value in request.files.items()}
            self._module_name = request.module
            self._path = os.path.join(self._folder, f"{request.module}.py")
            result, self._code = reading.read(
                self._files, request.module, self._path, request.banned_names, request.definitions
            )
            return result, []
        number = self._number = 0 if isinstance(request, wire.Load | wire.Answer) else request.number
        self._offence = None
        encoder = Encoder(self._objects)
        try:
            if isinstance(request, wire.Load):
                self._load()
                return wire.Returned(number=0, value=None), []
            if isinstance(request, wire.Backward):
                return self._backward(request, blobs, encoder)
            if isinstance(request, wire.Answer):
                raise wire.WireError("an answer to no question")
            return self._call(request, blobs, encoder)
        except wire.WireError as error:
            return _unsendable(request, error), []
        except BaseException as error:  # noqa: BLE001 - SystemExit and all: it is the student's
            return self._raised(number, error), []

    def _load(self) -> None:
        os.chdir(self._folder)
        for name, content in self._files.items():
            with open(name, "wb") as file:
                file.write(content)
        sys.path.insert(0, self._folder)
        kernels.on_use(self._tell_banned)
        spec = importlib.util.spec_from_file_location(self._module_name, self._path)
        assert spec is not None
        assert self._code is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self._module_name] = module
        exec(self._code, vars(module))  # noqa: S102 - this is what the fork is for
        self._module = sys.modules.get(self._module_name, module)

    def _tell_banned(self, name: str) -> None:
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename.startswith(self._folder):
                self._offence = wire.Offence(name, os.path.basename(frame.f_code.co_filename), frame.f_lineno)
                return
            frame = frame.f_back
        self._offence = wire.Offence(name, f"{self._module_name}.py", 0)

    def _function(self, function: wire.HandleValue | str) -> Callable[..., Any]:
        if isinstance(function, wire.HandleValue):
            return self._objects.by_number[function.number]  # type: ignore[no-any-return]
        if function.startswith(STUDENT):
            return getattr(self._module, function.removeprefix(STUDENT))  # type: ignore[no-any-return]
        if function == RANDOM_STATE:
            return random_state
        if function == LEND:
            return self._lend
        if function.startswith(METHOD):
            name = function.removeprefix(METHOD)
            return lambda owner, *args, **kwargs: getattr(owner, name)(*args, **kwargs)
        if function.startswith(STAND_IN):
            return getattr(standins, function.removeprefix(STAND_IN))  # type: ignore[no-any-return]
        module, _, name = function.rpartition(".")
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]

    def _call(self, request: wire.Call, blobs: list[bytearray], encoder: Encoder) -> tuple[wire.Reply, list[Any]]:
        if request.new_test is not None:
            self._objects.forget()
            seed_everything(request.new_test)
        self._objects.free(request.free_handles)
        for number in request.free_calls:
            self._objects.calls.pop(number, None)
        function = request.function
        if isinstance(function, str) and function.startswith(STUDENT):
            name = function.removeprefix(STUDENT)
            if not hasattr(self._module, name):
                return wire.Raised(number=request.number, type_name=MISSING, bases=[], text=name), []
        arguments = Arguments(self._objects, blobs, watched=request.changes)
        args, kwargs = arguments.decode(request.args), arguments.decode(request.kwargs)
        with torch.set_grad_enabled(request.grad_enabled):
            inputs = arguments.leaves
            encoder.given = {id(tensor) for tensor in inputs}
            result = self._function(function)(*args, **kwargs)
        value = encoder.encode(result)
        leaves: list[torch.Tensor] = []
        if encoder.outputs:
            leaves = [leaf for leaf in leaves_behind(encoder.outputs) if id(leaf) not in encoder.given]
            self._objects.calls[request.number] = (list(encoder.outputs), inputs + leaves)
        reply = wire.Returned(
            number=request.number,
            value=value,
            leaves=[encoder.leaf(leaf) for leaf in leaves],
            changes=arguments.changes(encoder),
            offence=self._offence,
        )
        return reply, encoder.blobs

    def _backward(
        self, request: wire.Backward, blobs: list[bytearray], encoder: Encoder
    ) -> tuple[wire.Reply, list[Any]]:
        outputs, inputs = self._objects.calls[request.call]
        chosen = [
            (output, wire.tensor_from(grad, blobs))
            for output, grad in zip(outputs, request.grads, strict=True)
            if grad is not None
        ]
        for output, grad in chosen:
            if output.shape != grad.shape or output.dtype != grad.dtype:
                raise wire.WireError("a gradient that does not fit its output")
        grads = vector_jacobian([output for output, _ in chosen], [grad for _, grad in chosen], inputs)
        values = [None if grad is None else wire.describe_tensor(grad, encoder.blobs) for grad in grads]
        return wire.Gradients(number=request.number, grads=values), encoder.blobs

    def _lend(self, lent: int) -> standins.Lent:
        """A model of the near side's, by its number there."""

        def ask(args: tuple[Any, ...], named: Mapping[str, Any], training: bool) -> torch.Tensor:
            blobs: list[Any] = []
            asked = wire.Asked(
                number=self._number,
                lent=lent,
                args=[_plain(value, blobs) for value in args],
                kwargs={name: _plain(value, blobs) for name, value in named.items()},
                training=training,
                grad_enabled=torch.is_grad_enabled(),
            )
            with self._asking:  # another thread's answer is another's
                self._connection.send(asked, blobs)
                answer, received = self._connection.receive()
            if not isinstance(answer, wire.Answer) or answer.value is None:
                raise RuntimeError(getattr(answer, "problem", "the model was called between two calls of the grader's"))
            return wire.tensor_from(answer.value, received)

        return standins.Lent(ask)

    def _raised(self, number: int, error: BaseException) -> wire.Raised:
        try:
            text = str(error)
        except BaseException:  # noqa: BLE001
            text = "(its text cannot be shown)"
        frames = [
            wire.Frame(
                os.path.basename(frame.f_code.co_filename), line, _sendable(frame.f_code.co_qualname, wire.NAME_LIMIT)
            )
            for frame, line in traceback.walk_tb(error.__traceback__)
            if frame.f_code.co_filename.startswith(self._folder)
        ]
        if isinstance(error, SyntaxError) and error.filename and error.filename.startswith(self._folder):
            frames.append(wire.Frame(os.path.basename(error.filename), error.lineno or 0, "<module>"))
            text = str(error.msg)
        return wire.Raised(
            number=number,
            type_name=_name(type(error)),
            bases=[_name(kind) for kind in type(error).__mro__ if kind.__module__ == "builtins"],
            text=_sendable(text, wire.TEXT_LIMIT),
            frames=frames[-wire.FRAME_LIMIT :],
            offence=self._offence,
        )


def _plain(value: Any, blobs: list[Any]) -> wire.Plain:
    """An argument of a model on the near side."""
    if isinstance(value, torch.Tensor):
        return wire.describe_tensor(value.detach(), blobs)
    if value is None or isinstance(value, bool | int | float):
        return value
    raise TypeError(f"this model takes tensors, not {type(value).__name__}")


def _sendable(text: str, limit: int) -> str:
    """As much of the text as may be sent; half a surrogate pair, which is no UTF-8, as a question mark."""
    return str(text)[:limit].encode("utf-8", "replace").decode()


def _name(kind: type) -> str:
    return _sendable(kind.__qualname__, wire.NAME_LIMIT)


def _unsendable(request: wire.Request, error: Exception) -> wire.Raised:
    number = getattr(request, "number", 0)
    return wire.Raised(number=number, type_name=UNSENDABLE, bases=[], text=_sendable(str(error), wire.TEXT_LIMIT))


def seed_everything(seed: int) -> None:
    """Start the global generators of torch, random and NumPy anew: the same work gets the same grade."""
    torch.default_generator.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed % 2**32)


def random_state() -> bytes:
    """The global generators of torch, random and NumPy in a few bytes that change when one of them is used."""
    state: Any = numpy.random.get_state(legacy=False)
    return msgspec.msgpack.encode(
        [
            wire.tensor_bytes(torch.get_rng_state()),
            repr(random.getstate()),
            repr({key: value for key, value in state.items() if key != "state"}),
            repr(state["state"]["pos"]),
            state["state"]["key"].tobytes(),
        ]
    )
