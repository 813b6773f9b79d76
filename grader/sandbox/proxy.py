"""The student's module as a suite sees it: calls, objects and gradients that reach through the wall.

`Session` holds the fork and speaks the wire format; `Student` is the thin face of it that a suite calls. What comes
back is data that was checked against the wire's schema, wrapped so that `torch.autograd` can differentiate through
the student's code as if it were local.
"""

from __future__ import annotations

import builtins
import contextlib
import inspect
import os
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from grader.sandbox.far import wire
from grader.sandbox.far.kernels import kernels_to_take
from grader.sandbox.far.worker import LEND, METHOD, MISSING, RANDOM_STATE, STAND_IN, STUDENT, UNSENDABLE, identical
from grader.sandbox.farside import Bans, Deadline, FarSideFailed, Fork, ForkEnded, Limits, memory_sentence
from grader.sandbox.lending import Lent, TooMuch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.sandbox.farside import FarSide

_EVERY_DTYPE = {
    str(dtype).removeprefix("torch."): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)
}
_METHODS = {
    "torch.nn.modules.module.Module": frozenset(
        name for name, value in vars(torch.nn.Module).items() if inspect.isfunction(value) and not name.startswith("_")
    ),
    "torch._C.Generator": frozenset({"manual_seed"}),
}
"""What an object of these classes has as methods: not asked for before they are called."""
_OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "Cannot allocate memory")


_shown: list[list[Any]] = []


@contextlib.contextmanager
def changes_shown(*arguments: Any) -> Iterator[None]:
    """Inside, what the student's code does to these arguments is done to them on this side, too.

    All else that a suite passes stays as it is, so that no later question is about what an answer left behind.
    """
    _shown.append(list(_mutable(arguments)))
    try:
        yield
    finally:
        _shown.pop()


def _mutable(value: Any) -> Iterator[Any]:
    if type(value) is Handle:  # it may also say that it is a dict
        return
    if isinstance(value, torch.Tensor | list | dict):
        yield value
    if isinstance(value, tuple | list):
        for item in value:
            yield from _mutable(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _mutable(item)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a fork is given: the student's files, the module to load, and what it may not use.

    `banned_names` are for reading the source; operators, modules and functions are taken away. `definitions` are the
    names in the module that the ban is about (empty: all of it).
    """

    files: dict[str, bytes]
    module: str
    banned_names: tuple[str, ...] = ()
    banned_operators: tuple[str, ...] = ()
    banned_modules: tuple[str, ...] = ()
    banned_functions: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()


class StudentError(Exception):
    """The student's code raised, or is not there. `explanation` is what the student is told.

    It is also an instance of the built-in class that was raised, so that `pytest.raises(ValueError)` works.
    """

    explanation = ""
    type_name = ""
    text = ""
    missing = False
    innermost = ""


class StudentStopped(BaseException):
    """The student's code did not come back: `reason` is a test status. No suite can catch this by accident."""

    def __init__(self, reason: str, explanation: str) -> None:
        super().__init__(explanation)
        self.reason = reason
        self.explanation = explanation


class BannedUse(BaseException):
    """The student's code used what the exercise forbids."""

    def __init__(self, offence: wire.Offence) -> None:
        super().__init__(offence.name)
        self.offence = offence


class FailedToLoad(Exception):
    """The module raised, hung or died while it was imported; the text is for the student."""


class Unreadable(Exception):
    """The module is no Python; the text says where."""


def _error(bases: list[str], text: str) -> StudentError:
    """An error of the nearest built-in class that takes a text alone; UnicodeDecodeError, for one, does not."""
    for name in bases:
        kind = getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception:
            with contextlib.suppress(TypeError):
                error: StudentError = type("StudentError", (StudentError, kind), {})(text)
                return error
    return StudentError(text)


class Session:
    """One submission on the far side. The fork is made when it is needed, and anew after it died."""

    def __init__(self, far: FarSide, source: Source, limits: Limits, seed: int = 0) -> None:
        self._far = far
        self._source = source
        self._limits = limits
        self._fork: Fork | None = None
        self._folder = ""
        self._deadline = Deadline(limits)
        self._number = 0
        self._mirrors: dict[int, torch.Tensor] = {}
        self._mirror_numbers: dict[int, int] = {}
        self._held: Counter[int] = Counter()
        self._freed: list[int] = []
        self._lent: list[Lent] = []
        self._new_test: int | None = seed
        self._printed = ""
        self._test = 0
        self._last_call: tuple[str, tuple[Any, ...], dict[str, Any]] | None = None
        self._last_call_text = ""
        self.note = ""
        self.blamed = ""
        """The definition of the student's because of which this test keeps its points."""
        self.used: set[str] = set()
        self.changed_arguments = False
        """Whether a call of this test changed what it was given on this side (`changes_shown`)."""

    # One test after the other

    def begin_test(self, limits: Limits, seed: int) -> None:
        """Start the clock; handles of earlier tests are void, and the far side's generators start from `seed`."""
        self._limits = limits
        self._deadline = Deadline(limits)
        self._test += 1
        self._mirrors.clear()
        self._mirror_numbers.clear()
        self._held.clear()
        self._freed.clear()
        self._lent.clear()
        self._new_test = seed
        self._printed = ""
        self._last_call, self._last_call_text = None, ""
        self.note, self.blamed = "", ""
        self.used = set()
        self.changed_arguments = False
        if self._fork is not None and self._fork.alive:
            self._deadline.begin_at(self._fork.cpu_seconds())

    def printed(self) -> str:
        """What the student's code printed since the test began."""
        if self._fork is not None:
            self._printed += self._fork.printed() if self._fork.alive else self._fork.printed_at_end
        text, self._printed = self._printed, ""
        return self._without_folder(text)

    def _without_folder(self, text: str) -> str:
        """File names as the student knows them, without the folder in which the far side keeps them."""
        return text.replace(self._folder, "").replace(self._folder.replace("\\", "\\\\"), "")

    def close(self) -> None:
        """End the fork."""
        if self._fork is not None and self._fork.alive:
            with contextlib.suppress(FarSideFailed):  # with the server gone, so is the fork
                self._fork.end()
        self._fork = None

    # Loading

    def load(self) -> list[wire.Offence]:
        """Make a fork, read the source for bans and load the module; returns the offences, then nothing is loaded.

        Raises:
            Unreadable: it is no Python.
            FailedToLoad: importing it raised, hung or ended the process.
            FarSideFailed: the grader's own side broke.
        """
        source = self._source
        bans = Bans(kernels_to_take(source.banned_operators), source.banned_modules, source.banned_functions)
        fork = self._fork = self._far.open(self._limits, bans)
        self._folder = f"{fork.folder}{os.sep}"
        self._deadline.begin_at(0.0)
        names = list(source.files)
        read = wire.Read(
            files={name: wire.BytesValue(place) for place, name in enumerate(names)},
            module=source.module,
            banned_names=list(source.banned_names),
            definitions=list(source.definitions),
        )
        try:
            reply, _ = fork.request(read, [source.files[name] for name in names], self._deadline)
        except ForkEnded as ended:
            if ended.reason == "crashed":
                raise FarSideFailed(f"a fresh fork ended: {ended.detail} {fork.printed_at_end}".strip()) from None
            raise Unreadable(f"{source.module}.py cannot be read: {ended.detail}") from None
        if not isinstance(reply, wire.ReadResult):
            raise FarSideFailed("a fresh fork answered out of turn")
        if reply.problem:
            where = f", line {reply.line}" if reply.line else ""
            lines = source.files[f"{source.module}.py"].decode("utf-8-sig", "replace").splitlines()
            shown = f"\n    {lines[reply.line - 1].strip()[:200]}" if 0 < reply.line <= len(lines) else ""
            raise Unreadable(f"{source.module}.py{where}: {reply.problem}{shown}")
        if reply.offences:
            self.close()
            return reply.offences
        try:
            reply, _ = fork.request(wire.Load(), [], self._deadline)
        except ForkEnded as ended:
            raise FailedToLoad(f"Importing {source.module}.py: {ended.detail}") from None
        if isinstance(reply, wire.Raised):
            if reply.offence is not None:
                return [reply.offence]
            error = self._student_error(reply)
            raise FailedToLoad(f"Importing {source.module}.py failed.\n{error.explanation}")
        if not isinstance(reply, wire.Returned):
            raise FailedToLoad(f"Importing {source.module}.py: {self._protocol_broken()}")
        return []

    # Calls

    @property
    def last_call(self) -> str:
        """The last call of the student's code in words; empty before the first."""
        if self._last_call is not None and not self._last_call_text:
            self._last_call_text = call_text(*self._last_call)
        return self._last_call_text

    def arguments_change(self) -> None:
        """The last call is about to change what it was given: put it into words as long as it is what it was."""
        self._last_call_text = self.last_call
        self.changed_arguments = True

    def call_by_name(
        self, label: str, function: wire.HandleValue | str, args: tuple[Any, ...], kwargs: dict[str, Any],
        *owner: Handle,
    ) -> Any:  # fmt: skip
        """A call that messages speak of as `label(…)`; an object that comes back is called after it.

        The owner, where there is one, is passed first and not spoken of.
        """
        self._last_call, self._last_call_text = (label, args, kwargs), ""
        result = self.call(function, (*owner, *args), kwargs)
        return _labelled(result, self.last_call) if type(result) is Handle else result

    def call(self, function: wire.HandleValue | str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call on the far side and decode what comes back; changes of arguments stay there, but for `changes_shown`.

        Raises:
            StudentError: the student's code raised.
            StudentStopped: it did not come back in time, took too much memory or ended the process.
            BannedUse: it used what is forbidden.
        """
        outgoing = _Outgoing(self)
        encoded = outgoing.encode(args), outgoing.encode(dict(kwargs))  # for a method among them it asks
        self._number += 1
        message = wire.Call(
            number=self._number,
            function=function,
            args=encoded[0],
            kwargs=encoded[1],
            grad_enabled=torch.is_grad_enabled(),
            new_test=self._new_test,
            changes=bool(_shown),
            free_handles=self._freed,
        )
        self._freed = []
        reply, blobs = self._exchange(message, outgoing.blobs)
        self._new_test = None
        if not isinstance(reply, wire.Returned):
            raise self._protocol_broken()
        try:
            result = _Incoming(self, blobs).decode_result(reply, outgoing)
        except (wire.WireError, RuntimeError, ValueError, OverflowError):
            raise self._protocol_broken() from None
        if reply.offence is not None:
            raise BannedUse(reply.offence)
        return result

    def backward(
        self,
        number: int,
        grads: tuple[torch.Tensor | None, ...],
        inputs: list[tuple[torch.Size, torch.dtype]],
    ) -> list[torch.Tensor | None]:
        """The far side's gradients of an earlier call for its inputs."""
        blobs: list[Any] = []
        self._number += 1
        message = wire.Backward(
            number=self._number,
            call=number,
            grads=[None if grad is None else wire.describe_tensor(grad, blobs) for grad in grads],
        )
        reply, received = self._exchange(message, blobs)
        if not isinstance(reply, wire.Gradients) or len(reply.grads) != len(inputs):
            raise self._protocol_broken()
        result: list[torch.Tensor | None] = []
        for value, (shape, dtype) in zip(reply.grads, inputs, strict=True):
            if value is None:
                result.append(None)
                continue
            try:
                grad = _tensor(value, received)
            except wire.WireError:
                raise self._protocol_broken() from None
            if grad.shape != shape or grad.dtype != dtype:
                raise self._protocol_broken()
            result.append(grad)
        return result

    def _exchange(self, message: wire.Request, blobs: list[Any]) -> tuple[wire.Reply, list[bytearray]]:
        if self._fork is None or not self._fork.alive:
            self._revive()
        fork = self._fork
        assert fork is not None
        try:
            reply, received = fork.request(message, blobs, self._deadline)
            while isinstance(reply, wire.Asked):
                answer, blobs = self._answer(reply, received)
                fork.look_at_clocks(self._deadline)  # who asks without end is never waited for
                reply, received = fork.request(answer, blobs, self._deadline)
        except ForkEnded as ended:
            raise StudentStopped(ended.reason, self._where(ended.detail)) from None
        except TooMuch as too_much:
            self.close()
            raise StudentStopped("timeout", self._where(str(too_much))) from None
        if getattr(reply, "number", None) != self._number:
            raise self._protocol_broken()
        if isinstance(reply, wire.Raised):
            if reply.offence is not None:
                raise BannedUse(reply.offence)
            error = self._student_error(reply)
            if "MemoryError" in reply.bases or any(phrase in reply.text for phrase in _OUT_OF_MEMORY):
                self.close()
                raise StudentStopped("out_of_memory", self._where(memory_sentence(self._limits)))
            raise error
        return reply, received

    def lend(self, model: Callable[..., torch.Tensor]) -> Lent:
        """A model of this side for the student's code to call, until the test ends."""
        lent = Lent(model)
        self._lent.append(lent)
        lent.model = self.call(LEND, (len(self._lent) - 1,), {})
        if type(lent.model) is not Handle:
            raise self._protocol_broken()
        _labelled(lent.model, "model")
        return lent

    def _answer(self, asked: wire.Asked, received: list[bytearray]) -> tuple[wire.Answer, list[Any]]:
        """What a lent model answers.

        Raises:
            TooMuch: it was asked too much.
        """
        if asked.number != self._number or not 0 <= asked.lent < len(self._lent):
            raise self._protocol_broken()

        def plain(value: wire.Plain) -> Any:
            return _tensor(value, received) if isinstance(value, wire.TensorValue) else value

        try:
            args = [plain(value) for value in asked.args]
            named = {name: plain(value) for name, value in asked.kwargs.items()}
        except (wire.WireError, RuntimeError, ValueError, OverflowError):
            raise self._protocol_broken() from None
        result, problem = self._lent[asked.lent].answer(args, named, training=asked.training, grad=asked.grad_enabled)
        blobs: list[Any] = []
        value = None if result is None else wire.describe_tensor(result, blobs)
        return wire.Answer(value=value, problem=problem), blobs

    def _revive(self) -> None:
        """A fresh fork after the last one died; the module loaded once, so it should load again."""
        try:
            offences = self.load()
        except (FailedToLoad, Unreadable) as error:
            raise StudentStopped("crashed", str(error)) from None
        if offences:
            raise BannedUse(offences[0])

    def _protocol_broken(self) -> StudentStopped:
        self.close()
        return StudentStopped("crashed", self._where("Your code wrote into the grader's channel, or broke the worker."))

    def _where(self, sentence: str) -> str:
        return f"{sentence} The call was {self.last_call}." if self.last_call else sentence

    def _student_error(self, raised: wire.Raised) -> StudentError:
        text = self._without_folder(raised.text)
        error = _error(raised.bases, f"{raised.type_name}: {text}")
        error.type_name, error.text = raised.type_name, text
        error.innermost = raised.frames[-1].function if raised.frames else ""
        module = self._source.module
        if raised.type_name == MISSING:
            error.missing = True
            error.explanation = f"{module}.py has no `{raised.text}`: define it, with exactly this name."
        elif raised.type_name == UNSENDABLE:
            error.explanation = f"What {self.last_call} returned cannot be graded: {raised.text}."
        elif "NotImplementedError" in raised.bases:
            error.explanation = "Not written yet: it raises NotImplementedError."
            if raised.frames:
                error.explanation = f"Not written yet: `{raised.frames[-1].function}` raises NotImplementedError."
        else:
            lines = [f"{raised.type_name}: {text}" if text else raised.type_name]
            lines += self._traceback(raised.frames)
            if "TypeError" in raised.bases and not raised.frames:
                lines.append("Keep the parameters as the stub has them: their names, their order, their defaults.")
            elif raised.type_name == "SystemExit":
                lines.append("Your code ends the program: take sys.exit() or exit() out.")
            elif "EOFError" in raised.bases:
                lines.append("Nobody is there to answer input(): take it out.")
            error.explanation = "\n".join(lines)
        return error

    def _traceback(self, frames: list[wire.Frame]) -> list[str]:
        """The student's own lines, taken from what was handed in and not from what the far side says of it.

        Comprehensions on the line before are left out, and a line that calls itself is shown once.
        """
        lines: list[str] = []
        before: wire.Frame | None = None
        repeated = 0
        for frame in [*(frame for frame in frames if frame.file in self._source.files), None]:
            if frame is not None and before is not None and (frame.file, frame.line) == (before.file, before.line):
                repeated += not frame.function.endswith(">")
                continue
            if repeated:
                lines.append(f"    (and {repeated} more time{'s' if repeated > 1 else ''}: it calls itself)")
            if frame is None:
                break
            before, repeated = frame, 0
            source = self._source.files[frame.file].decode("utf-8-sig", "replace").splitlines()
            lines.append(f"  {frame.file}, line {frame.line}, in {frame.function.rpartition('.<locals>.')[2]}")
            if 0 < frame.line <= len(source):
                lines.append(f"    {source[frame.line - 1].strip()[:200]}")
        return lines

    # Tensors and objects that live on the far side

    def mirror(self, value: wire.TensorValue, blobs: list[bytearray]) -> torch.Tensor:
        """The near side's image of a far leaf: the same tensor as long as its numbers are the same.

        What was given earlier keeps its numbers: it may be compared with what comes now.
        """
        assert value.known is not None
        data = _tensor(value, blobs)
        mirror = self._mirrors.get(value.known)
        if mirror is None or not identical(mirror.detach(), data):
            mirror = torch.nn.Parameter(data) if value.parameter else data.requires_grad_()
            self._mirrors[value.known] = mirror
            self._mirror_numbers[id(mirror)] = value.known
        return mirror

    def mirror_number(self, tensor: torch.Tensor) -> int | None:
        """The far side's number of this tensor, if it is the image of one."""
        number = self._mirror_numbers.get(id(tensor))
        return number if number is not None and self._mirrors.get(number) is tensor else None

    def hold(self, number: int) -> None:
        """One more handle of this object; a method that returns `self` gives a second one."""
        self._held[number] += 1

    def release(self, number: int, test: int) -> None:
        """One handle less; with the last one the far side may drop the object."""
        if test != self._test:
            return
        self._held[number] -= 1
        if self._held[number] <= 0:
            del self._held[number]
            self._freed.append(number)

    @property
    def test(self) -> int:
        """Counts the tests, so that a handle knows whether it is still good."""
        return self._test


class _Outgoing:
    """Encodes arguments, and remembers the mutable ones in the order in which the far side decodes them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._places: dict[int, int] = {}
        self._methods: list[Any] = []
        self.blobs: list[Any] = []
        self.mutable: list[Any] = []
        self.leaves: list[torch.Tensor] = []

    def encode(self, value: Any) -> Any:
        if type(value) is Handle:  # first: it may also say that it is a dict
            return value._grader_value
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if type(value) is Method:
            self._methods.append(value.itself())  # held: what is let go is dropped over there before the call
            return self.encode(self._methods[-1])
        if isinstance(value, list):
            self.mutable.append(value)
            return wire.ListValue([self.encode(item) for item in value])
        if isinstance(value, tuple):
            return wire.TupleValue([self.encode(item) for item in value])
        if isinstance(value, dict):
            self.mutable.append(value)
            return wire.DictValue([(key, self.encode(item)) for key, item in value.items()])
        if isinstance(value, bytes):
            self.blobs.append(value)
            return wire.BytesValue(len(self.blobs) - 1)
        if isinstance(value, torch.dtype):
            return wire.DtypeValue(str(value).removeprefix("torch."))
        if isinstance(value, torch.device):
            return wire.DeviceValue(str(value))
        if value is None or isinstance(value, bool | int | float | str):
            return value
        raise TypeError(f"a suite can pass plain data, tensors and handles to the far side, not {type(value)!r}")

    def _tensor(self, tensor: torch.Tensor) -> Any:
        place = self._places.get(id(tensor))
        if place is not None:
            return wire.SameTensor(place)
        self._places[id(tensor)] = len(self._places)
        known = self._session.mirror_number(tensor)
        if known is not None:
            return wire.KnownTensor(known)
        value = wire.describe_tensor(tensor, self.blobs, keep_strides=True)
        value.requires_grad = tensor.requires_grad
        value.parameter = type(tensor) is torch.nn.Parameter
        if tensor.is_leaf and tensor.grad is not None:
            value.grad = wire.describe_tensor(tensor.grad, self.blobs)
        self.mutable.append(tensor)
        if tensor.requires_grad:
            self.leaves.append(tensor)
        return value


class _Incoming:
    """Decodes a reply."""

    def __init__(self, session: Session, blobs: list[bytearray]) -> None:
        self._session = session
        self._blobs = blobs
        self._taken: set[int] = set()
        self._attached: Iterator[torch.Tensor] = iter(())

    def decode_result(self, reply: wire.Returned, outgoing: _Outgoing) -> Any:
        outputs = [_tensor(value, self._blobs) for value in self._differentiable(reply.value)]
        attached: tuple[torch.Tensor, ...] = ()
        if outputs:
            leaves = [self._session.mirror(leaf, self._blobs) for leaf in reply.leaves if leaf.known is not None]
            attached = self._attach(reply.number, outputs, *outgoing.leaves, *leaves)
        if reply.changes and not _shown:
            raise wire.WireError("changes that nobody asked for")
        for change in reply.changes:
            if not 0 <= change.index < len(outgoing.mutable):
                raise wire.WireError("a change of what was not passed")
            mutable = outgoing.mutable[change.index]
            if any(mutable is one for arguments in _shown for one in arguments):
                self._session.arguments_change()
                self._apply(mutable, change.value)
        self._attached = iter(attached)
        return self.decode(reply.value)

    def _attach(self, number: int, outputs: list[torch.Tensor], *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        attached: tuple[torch.Tensor, ...] = _RemoteCall.apply(  # type: ignore[no-untyped-call]
            self._session, number, outputs, *inputs
        )
        return attached

    def _differentiable(self, value: Any, depth: int = 0) -> Iterator[wire.TensorValue]:
        if depth > wire.DEPTH_LIMIT:
            raise wire.WireError("a value nested too deep")
        match value:
            case wire.TensorValue(requires_grad=True, known=None):
                dtype = wire.DTYPES.get(value.dtype)
                if dtype is None or not (dtype.is_floating_point or dtype.is_complex):
                    raise wire.WireError("an integer tensor with a gradient")
                yield value
            case wire.ListValue() | wire.TupleValue():
                for item in value.items:
                    yield from self._differentiable(item, depth + 1)
            case wire.DictValue():
                for _, item in value.items:
                    yield from self._differentiable(item, depth + 1)
            case _:
                return

    def decode(self, value: Any, depth: int = 0) -> Any:
        if depth > wire.DEPTH_LIMIT:
            raise wire.WireError("a value nested too deep")
        match value:
            case wire.TensorValue():
                if value.known is not None:
                    return self._session.mirror(value, self._blobs)
                attached = next(self._attached, None) if value.requires_grad else None  # in a changed list: none
                return _tensor(value, self._blobs) if attached is None else attached
            case wire.ListValue():
                return [self.decode(item, depth + 1) for item in value.items]
            case wire.TupleValue():
                return tuple(self.decode(item, depth + 1) for item in value.items)
            case wire.DictValue():
                return {key: self.decode(item, depth + 1) for key, item in value.items}
            case wire.HandleValue():
                return Handle(self._session, value, value.type_name)
            case wire.BytesValue():
                if not 0 <= value.blob < len(self._blobs) or value.blob in self._taken:
                    raise wire.WireError("bytes that were not sent")
                self._taken.add(value.blob)  # each is copied: one that were given a million times would fill memory
                return bytes(self._blobs[value.blob])
            case wire.DtypeValue():
                return _EVERY_DTYPE.get(value.name, value.name)
            case wire.DeviceValue():
                return value.name
            case wire.SameTensor() | wire.KnownTensor():
                raise wire.WireError("a reference where only values are sent")
            case _:
                return value

    def _apply(self, mutable: Any, value: Any) -> None:
        """Make the near side's argument what the far side's has become."""
        if isinstance(mutable, torch.Tensor) and isinstance(value, wire.TensorValue):
            data = _tensor(value, self._blobs)
            if data.shape == mutable.shape and data.dtype == mutable.dtype:
                mutable.data.copy_(data)
            else:
                mutable.data = data
            if mutable.is_leaf:
                mutable.requires_grad_(value.requires_grad and data.is_floating_point())
                mutable.grad = None if value.grad is None else _tensor(value.grad, self._blobs)
        elif isinstance(mutable, list) and isinstance(value, wire.ListValue):
            mutable[:] = self.decode(value)
        elif isinstance(mutable, dict) and isinstance(value, wire.DictValue):
            new = self.decode(value)
            mutable.clear()
            mutable.update(new)
        else:
            raise wire.WireError("a change to another kind of value")


def _tensor(value: wire.TensorValue, blobs: list[bytearray]) -> torch.Tensor:
    """A reply's tensor: always dense and contiguous, so that its size is the bytes that were sent."""
    if value.strides is not None:
        raise wire.WireError("strides in a reply")
    return wire.tensor_from(value, blobs)


class _RemoteCall(torch.autograd.Function):
    """Attaches what a far call returned to the near side's graph."""

    @staticmethod
    def forward(ctx: Any, session: Session, number: int, outputs: list[torch.Tensor], *inputs: torch.Tensor) -> Any:
        ctx.session, ctx.number, ctx.test = session, number, session.test
        ctx.inputs = [(tensor.shape, tensor.dtype) for tensor in inputs]
        ctx.set_materialize_grads(False)
        return tuple(outputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: torch.Tensor | None) -> Any:
        return (None, None, None, *ctx.session.backward(ctx.number, grads, ctx.inputs))


class Handle:
    """An object that stays on the far side. Attributes, calls, items and length are asked for there."""

    def __init__(self, session: Session, value: wire.HandleValue, label: str) -> None:
        object.__setattr__(self, "_grader_session", session)
        object.__setattr__(self, "_grader_value", value)
        object.__setattr__(self, "_grader_label", label)
        object.__setattr__(self, "_grader_test", session.test)
        session.hold(value.number)

    if TYPE_CHECKING:
        _grader_session: Session
        _grader_value: wire.HandleValue
        _grader_label: str
        _grader_test: int

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object over there."""
        return self._grader_session.call_by_name(self._grader_label, self._grader_value, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        classes = self._grader_value.classes
        if any(name in _METHODS.get(kind, ()) for kind in classes):
            return Method(self, name)
        if name == "keys" and "builtins.generator" in classes:  # `dict` asks whether it is given a mapping
            raise AttributeError(name)
        return self._grader_attribute(name)

    def _grader_attribute(self, name: str) -> Any:
        result = self._grader_session.call("builtins.getattr", (self, name), {})
        return _labelled(result, f"{self._grader_label}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._grader_session.call("builtins.setattr", (self, name, value), {})

    def __len__(self) -> int:
        return int(self._grader_session.call("builtins.len", (self,), {}))

    def __getitem__(self, key: Any) -> Any:
        return self._grader_session.call("operator.getitem", (self, key), {})

    def __iter__(self) -> Iterator[Any]:
        return iter(self._grader_session.call("builtins.list", (self,), {}))

    def __contains__(self, item: Any) -> bool:
        return bool(self._grader_session.call("operator.contains", (self, item), {}))

    def __bool__(self) -> bool:
        return True

    def __del__(self) -> None:
        self._grader_session.release(self._grader_value.number, self._grader_test)

    def __repr__(self) -> str:
        return f"<{self._grader_label} on the far side>"

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """The nearest class that this side knows too, so that `isinstance(cell, nn.Module)` answers."""
        for name in self._grader_value.classes:
            module, _, last = name.rpartition(".")
            if module.startswith("torch.nn.") or module == "collections":
                kind = getattr(sys.modules.get(module), last, None)  # what is not imported here is asked for by none
                if isinstance(kind, type) and not issubclass(kind, torch.Tensor):
                    return kind
        return Handle


class Method:
    """A method of an object on the far side: looked up there when it is called, so that it costs one exchange, not two."""

    def __init__(self, owner: Handle, name: str) -> None:
        self._owner = owner
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it over there."""
        owner = self._owner
        label = f"{owner._grader_label}.{self._name}"
        return owner._grader_session.call_by_name(label, METHOD + self._name, args, kwargs, owner)

    def itself(self) -> Any:
        """What the attribute is, to be passed as an argument."""
        return self._owner._grader_attribute(self._name)

    def __repr__(self) -> str:
        return f"<{self._owner._grader_label}.{self._name} on the far side>"


def type_name(value: Any) -> str:
    """The name of a value's type as the student wrote it, also for an object on the far side."""
    return value._grader_value.type_name if type(value) is Handle else type(value).__name__


def _labelled(result: Any, label: str) -> Any:
    if type(result) is Handle:
        object.__setattr__(result, "_grader_label", label)
    return result


class Student:
    """The student's module. `student.forget_gate(x, h, …)` calls the student's function behind the wall."""

    def __init__(self, session: Session) -> None:
        self._grader_session = session

    def __getattr__(self, name: str) -> RemoteFunction:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        self._grader_session.used.add(name)
        return RemoteFunction(self._grader_session, STUDENT + name, name)

    def grader_changed_arguments(self) -> bool:
        """Whether a call of this test changed what the suite passed."""
        return self._grader_session.changed_arguments

    def far_side(self, dotted: str) -> RemoteFunction:
        """A class or function of a library on the far side, by dotted name: `far_side("torch.nn.Dropout")(0.5)`."""
        return RemoteFunction(self._grader_session, dotted, dotted.rpartition(".")[2])

    def stand_in(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A model of `grader.sandbox.far.standins`, made on the far side: `stand_in("MeanOfEmbeddings", 9, 2)`.

        It lives with the student's code: what comes of it is judged by its numbers. To see its calls, `lend` one.
        """
        return RemoteFunction(self._grader_session, STAND_IN + name, name)(*args, **kwargs)

    def lend(self, model: Callable[..., torch.Tensor]) -> Lent:
        """A model of this side that the student's code may call: `lent.model` is to be passed, `lent.calls` tells its calls.

        Args:
            model: from tensors to a tensor, without gradient or randomness; it is called here.
        """
        return self._grader_session.lend(model)

    def grader_note(self, text: str) -> None:
        """Something to tell the student although the test passes."""
        self._grader_session.note = text

    def grader_blame(self, name: str, text: str) -> None:
        """The test passes because another definition is wrong; it counts only where a test of that one alone fails."""
        self._grader_session.note, self._grader_session.blamed = text, name

    def random_state(self) -> bytes:
        """The far side's global generators of torch, random and NumPy, as bytes to compare."""
        state = self._grader_session.call(RANDOM_STATE, (), {})
        if type(state) is not bytes:  # of a number, bytes() would make as many
            raise self._grader_session._protocol_broken()
        return state


class RemoteFunction:
    """A name of the student's module, or of a library over there."""

    def __init__(self, session: Session, path: str, label: str) -> None:
        self._session = session
        self._path = path
        self._label = label

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, or make the object, over there."""
        return self._session.call_by_name(self._label, self._path, args, kwargs)

    def __repr__(self) -> str:
        return f"<{self._label} on the far side>"


def call_text(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """A call in words: plain values as they are, tensors by dtype and shape."""
    shown = [value_text(value) for value in args] + [f"{key}={value_text(value)}" for key, value in kwargs.items()]
    text = f"{name}({', '.join(shown)})"
    return text if len(text) <= 300 else f"{name}(… {len(shown)} arguments)"


def value_text(value: Any) -> str:
    """A short text for a value in a message."""
    if isinstance(value, torch.Tensor):
        kind = str(value.dtype).removeprefix("torch.")
        return f"{kind} {tuple(value.shape)}"
    if type(value) is Handle:
        return value._grader_label
    if isinstance(value, tuple):
        return f"({', '.join(value_text(item) for item in value)}{',' if len(value) == 1 else ''})"
    if isinstance(value, list):
        inside = ", ".join(value_text(item) for item in value[:4])
        return f"[{inside}{', …' if len(value) > 4 else ''}]"
    if isinstance(value, dict):
        return f"a dict of {len(value)}"
    text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
