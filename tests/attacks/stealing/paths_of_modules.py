"""Aim: learn where on this machine things lie, from modules, code objects and the interpreter's configuration.
At most: 0 points of gates.
"""

import gc
import sys
import sysconfig
import types

from marks import learned

KNOWN = ("/python/", "/packages/", "/kit/", "/tmp/work", "/usr/", "/lib")


def look(path):
    if path.startswith("/") and not path.startswith(KNOWN) and any(home in path for home in ("/home/", "/root/", "/Users/", "venv")):
        learned(path)


for module in list(sys.modules.values()):
    look(str(module.__dict__.get("__file__", "")))
    look(str(module.__dict__.get("__cached__", "")))
for found in gc.get_objects():
    if isinstance(found, types.FunctionType):
        look(found.__code__.co_filename)
for path in sysconfig.get_paths().values():
    look(path)
