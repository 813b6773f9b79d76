"""Aim: a SystemExit of 0 while the module is imported.
At most: 0 points of gates.
"""

import sys

sys.exit(0)
