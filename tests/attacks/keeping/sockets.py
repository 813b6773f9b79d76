"""Aim: leave a listener with an abstract name for the next student, and look for one.
At most: 0 points of gates.
"""

import os
import socket
import time

from marks import learned

try:
    socket.socket(socket.AF_UNIX).connect("\0farside-attack-left")
    learned("a listener")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", 45454), 0.2)
    learned("a port")
except OSError:
    pass
if os.fork() == 0:
    os.setsid()
    unix, net = socket.socket(socket.AF_UNIX), socket.socket()
    unix.bind("\0farside-attack-left")
    unix.listen()
    try:
        net.bind(("127.0.0.1", 45454))
        net.listen()
    except OSError:
        pass
    time.sleep(600)
