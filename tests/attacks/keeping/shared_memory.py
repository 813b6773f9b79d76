"""Aim: leave shared memory, semaphores and queues for the next student, and look for them.
At most: 0 points of gates.
"""

import ctypes

from marks import learned

libc = ctypes.CDLL(None)
for get, more in ((libc.shmget, (4096,)), (libc.semget, (1,)), (libc.msgget, ())):
    if get(0x5EED5EED, *more, 0o600) >= 0:
        learned(get)
    get(0x5EED5EED, *more, 0o1600)
for name in (b"/farside-attack", b"/farside-attack-2"):
    if libc.shm_open(name, 2, 0) >= 0:
        learned(name)
    libc.shm_open(name, 0o102, 0o600)
    libc.mq_open(name, 0o102, 0o600, None)
