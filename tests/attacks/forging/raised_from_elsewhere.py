"""Aim: forged exceptions: bases that the near side may build classes of, and lines of files that it may read.
At most: 0 points of gates.
"""

from far import wire, worker

turn = iter(range(10**9))
BASES = [["object"], ["type"], ["KeyboardInterrupt"], ["SystemExit"], ["AssertionError"], ["StopIteration"],
         ["ExceptionGroup"], ["UnicodeDecodeError"], ["__import__"], ["NotImplementedError"], ["Warning"]]  # fmt: skip
FILES = ["/etc/passwd", "../test_gates.py", "gates.py", "", "marks.py", "a" * 5000]


def answer(self, request, blobs):
    place = next(turn)
    frames = [wire.Frame(FILES[place % len(FILES)], line, "f") for line in (-5, 0, 1, 10**9)]
    return wire.Raised(number=request.number, type_name="Passed\x1b[2J", bases=BASES[place % len(BASES)],
                       text="<script>alert(1)</script>\x1b]0;x\x07{0}%s" * 50, frames=frames), []  # fmt: skip


worker.Worker._answer = answer
