"""Aim: never end importing.
At most: 0 points of gates.
"""

while True:
    pass
