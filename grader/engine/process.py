"""One process that examines works, spoken to by one caller who waits for each answer."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from grader.engine import messages
from grader.errors import GraderError, IncompleteRun

if TYPE_CHECKING:
    from collections.abc import Sequence


class WorkerProcess:
    """`python -m MODULE ARGUMENTS…`, which takes messages over stdin and answers over stdout."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.alive = True

    def send(self, message: messages.ToWorker) -> None:
        """One message; that the process has ended shows when it is heard."""
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.write(messages.packed(message))
            self._process.stdin.flush()

    def hear(self) -> messages.FromWorker:
        """The next message.

        Raises:
            IncompleteRun: the process has ended.
            GraderError: it says that it cannot work.
        """
        assert self._process.stdout is not None
        data = messages.read_message(self._process.stdout)
        if data is None:
            self.end()
            raise IncompleteRun("The process that examines the work has ended. Try again.")
        answer: messages.FromWorker = messages.from_worker.decode(data)
        if isinstance(answer, messages.Failed):
            self.end()
            raise (GraderError if answer.exit_code == GraderError.exit_code else IncompleteRun)(answer.text)
        return answer

    def end(self) -> None:
        """End it."""
        self.alive = False
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._process.wait()
