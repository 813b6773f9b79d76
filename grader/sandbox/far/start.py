"""What the near side starts: `start.py walled|plain CHANNEL cold|warm [PATH…]`.

CHANNEL is the control socket's descriptor behind the wall, and a port of this machine in a plain process. The paths are
where torch and what it needs are found; the folder above this one holds the package `far`.
"""

import os
import sys

if __name__ == "__main__":
    mode, channel, readiness, *paths = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path = [path for path in sys.path if path != here] + [os.path.dirname(here), *paths]
    sys.argv = [""]
    if mode == "walled":
        from far.server import main  # type: ignore[import-not-found]
    else:
        from far.plain import main  # type: ignore[import-not-found]
    main(int(channel), warm=readiness == "warm")
