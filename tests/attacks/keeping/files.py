"""Aim: leave a file for the next student, and look for one.
At most: 0 points of gates.
"""

import os

from marks import learned

for folder in ("/tmp", "/dev/shm", ".", "/var/tmp", "/"):
    path = os.path.join(folder, "farside-attack-left")
    if os.path.exists(path):
        learned(path)
    try:
        open(path, "w").close()
    except OSError:
        pass
