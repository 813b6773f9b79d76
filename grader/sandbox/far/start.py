"""What the near side starts, with `-I -S`: `start.py CONTROL_FD walled|plain cold|warm PATH…`.

The paths are where torch and what it needs are found; the folder above this one holds the package `far`.
"""

import os
import sys

if __name__ == "__main__":
    descriptor, mode, readiness, *paths = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path = [path for path in sys.path if path != here] + [os.path.dirname(here), *paths]
    sys.argv = [""]
    from far.server import main  # type: ignore[import-not-found]

    main(int(descriptor), walled=mode == "walled", warm=readiness == "warm")
