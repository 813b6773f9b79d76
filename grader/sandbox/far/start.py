"""What the near side starts: `start.py SETTING`, a JSON object.

`paths` are where torch and what it needs are found; the folder above this one holds the package `far`. `mode` is
`server`, `plain` or `trial`; `channel` the control socket's descriptor for a server, a port of this machine for a plain
process; `user` is there for a wall without namespaces.
"""

import json
import os
import sys

if __name__ == "__main__":
    setting = json.loads(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path = [path for path in sys.path if path != here] + [os.path.dirname(here), *setting["paths"]]
    sys.argv = [""]
    if setting["mode"] == "plain":
        from far.plain import main  # type: ignore[import-not-found]

        main(setting["channel"], warm=setting["warm"], trains=setting["trains"])
    else:
        from far.proc import Proc  # type: ignore[import-not-found]
        from far.walls import Namespaces, User  # type: ignore[import-not-found]

        proc = Proc()
        wall = User(proc, **setting["user"]) if setting["user"] else Namespaces(proc)
        if setting["mode"] == "trial":
            from far.trial import main  # type: ignore[import-not-found]

            main(wall, setting["private"])
        else:
            from far.server import main  # type: ignore[import-not-found]

            main(setting["channel"], proc, wall, warm=setting["warm"], trains=setting["trains"])
