"""Aim: read whatever may lie on the disk: the course, homes, other submissions, keys.
At most: 0 points of gates.
"""

import os

from marks import learned

NAMES = ("gates.py", "results.json", "grades.csv", "gradebook.db", "secret", "id_rsa", "lesson.toml", "shadow", "passwd", "hosts")
STARTS = ("/root", "/home", "/work", "/tmp", "/srv", "/mnt", "/opt", "/var", "/etc", "/run", "/sys", "/boot", "/kit", "/proc", "..")

for start in STARTS:
    for folder, _, names in os.walk(start):
        for name in names:
            path = os.path.abspath(os.path.join(folder, name))
            if (name in NAMES or name.startswith(("test_", "misconceptions"))) and not path.startswith("/tmp/work/"):
                learned(path)
