"""Aim: take all memory while the module is imported.
At most: 0 points of gates.
"""

kept = []
while True:
    kept.append(bytearray(2**24))
