"""One collected test, run for one student after the other.

pytest collects a suite once and says what each test asks for. A test that asks for nothing but the kit's own fixtures and
its parameters is then called at once; every other one goes through pytest's own setup, call and teardown, which cost as
much as the test itself.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.suite import plugin

if TYPE_CHECKING:
    from grader.results import Visibility

OWN_FIXTURES = ("sitting", "student", "reference", "draw")
_PYTEST_DECIDES = ("skip", "skipif", "xfail", "usefixtures")


class SuiteTest:
    """A test of a suite: what it is worth, what it is about, and how to run it."""

    def __init__(self, item: pytest.Function, visibility: Visibility) -> None:
        self.item = item
        self.visibility = visibility
        points, part = item.get_closest_marker("points"), item.get_closest_marker("part")
        self.marked = points is not None
        self.points = float(points.args[0]) if points else 0.0
        self.named = points is None or bool(points.kwargs.get("named", True))
        """Whether a failure is compared with the known wrong answers: not where `@points(…, named=False)` says so."""
        self.part = str(part.args[0]) if part else ""
        self.title = _title(item)
        self.arguments: dict[str, Any] = {}
        """What the test function was called with, from `begin` to `end`."""
        self._at_once = _asks_for_nothing_else(item)

    @property
    def name(self) -> str:
        """Its name, with its parameters."""
        return self.item.name

    @property
    def path(self) -> Path:
        """Its suite."""
        return self.item.path

    def begin(self, sitting: plugin.Sitting) -> BaseException | None:
        """Run the test; returns what it raised. A skip or an xfail is an exception like any other."""
        item = self.item
        if not self._at_once:
            item.config.stash[plugin.SITTING] = sitting
            if getattr(item, "_request", None) is False:
                item._initrequest()  # as pytest's own runner does for an item that it runs again
            error = _phase(item, "setup") or _phase(item, "call")
            self.arguments = {name: item.funcargs[name] for name in self._asked() if name in item.funcargs}
            return error
        try:
            self.arguments = {name: self._value(name, sitting) for name in self._asked()}
            with plugin.inputs_kept(item.module, sitting):
                item.obj(**self.arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever it is, the examiner judges it
            return error
        return None

    def end(self, following: SuiteTest | None) -> BaseException | None:
        """Tear down what the next test does not need; returns what that raised."""
        self.arguments = {}
        if self._at_once:
            return None
        torn = _phase(self.item, "teardown", None if following is None else following.item)
        self.item._request = False  # type: ignore[assignment]
        self.item.funcargs = None  # type: ignore[assignment]
        return torn

    def _asked(self) -> tuple[str, ...]:
        return self.item._fixtureinfo.argnames

    def _value(self, name: str, sitting: plugin.Sitting) -> Any:
        if name in OWN_FIXTURES:
            return sitting if name == "sitting" else getattr(sitting, name)
        return self.item.callspec.params[name]


def _asks_for_nothing_else(item: pytest.Function) -> bool:
    known = item._fixtureinfo.name2fixturedefs
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    return (
        all(
            known[name][-1].func.__module__ == plugin.__name__ if name in OWN_FIXTURES else name in parameters
            for name in item._fixtureinfo.names_closure
            if name != "request"
        )
        and "request" not in item._fixtureinfo.argnames  # `sitting` asks for it, where pytest runs the test
        and item.cls is None
        and not inspect.iscoroutinefunction(item.obj)
        and not any(True for name in _PYTEST_DECIDES for _ in item.iter_markers(name))
        and not any(
            Path(getattr(known_plugin, "__file__", None) or "").name == "conftest.py"
            for known_plugin in item.config.pluginmanager.get_plugins()
        )
    )


def _phase(item: pytest.Function, when: str, following: pytest.Function | None = None) -> BaseException | None:
    hook = getattr(item.ihook, f"pytest_runtest_{when}")
    info: pytest.CallInfo[None] = pytest.CallInfo.from_call(
        lambda: hook(item=item, nextitem=following) if when == "teardown" else hook(item=item),
        when=when,  # type: ignore[arg-type]
        reraise=(KeyboardInterrupt,),
    )
    item.ihook.pytest_runtest_makereport(item=item, call=info)  # pytest's own fixtures ask how the test went
    return info.excinfo.value if info.excinfo is not None else None


def _title(item: pytest.Function) -> str:
    """What the student reads: the first paragraph of the test's docstring."""
    text = (item.obj.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(text.split()).rstrip(".") or item.name
