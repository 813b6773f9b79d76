"""Aim: get behind the mounts: unmount, chroot, a new namespace, a bind of the root.
At most: 0 points of gates.
"""

import ctypes
import os

from marks import learned

libc = ctypes.CDLL(None, use_errno=True)
for what, result in {
    "umount": libc.umount2(b"/tmp", 2), "umount of proc": libc.umount2(b"/proc", 2), "unshare": libc.unshare(0x10000000),
    "mounts": libc.unshare(0x00020000), "bind": libc.mount(b"/", b"/tmp", None, 4096, None), "chroot": libc.chroot(b"/tmp"),
    "pivot": libc.syscall(155 if os.uname().machine == "x86_64" else 41, b"/tmp", b"/tmp"), "setuid": libc.setgroups(0, None),
}.items():  # fmt: skip
    if result == 0:
        learned(what)
