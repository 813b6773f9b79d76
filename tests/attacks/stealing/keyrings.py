"""Aim: read or leave something in the kernel's keyrings, which namespaces do not part.
At most: 0 points of gates.
"""

import ctypes

from marks import learned

libc = ctypes.CDLL(None, use_errno=True)
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[__import__("platform").machine()]
for ring in (-3, -4, -5):
    if libc.syscall(ADD_KEY, b"user", b"farside-attack", b"x", 1, ring) > 0 or libc.syscall(KEYCTL, 0, ring, 0) > 0:
        learned(("keyring", ring))
