"""Aim: start a shell, an interpreter, a compiler.
At most: 0 points of gates.
"""

import ctypes
import os
import subprocess
import sys

from marks import harmed

for program in ("/bin/sh", "/usr/bin/env", "/python/bin/python3", sys.executable, "/lib64/ld-linux-x86-64.so.2"):
    for act in (
        lambda: subprocess.run([program, "-c", ""], check=True),
        lambda: os.posix_spawn(program, [program], {}),
        lambda: os.system(f"{program} -c true") == 0 or 1 / 0,
        lambda: ctypes.CDLL(None).execv(program.encode(), None) == 0 or 1 / 0,
    ):
        try:
            act()
        except (OSError, ArithmeticError, subprocess.SubprocessError):
            continue
        harmed(program)
