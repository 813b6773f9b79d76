"""Aim: look into every open descriptor for files, other sockets, or what was meant for others.
At most: 0 points of gates.
"""

import os
import socket
import stat

from marks import learned


def expose_hidden(output, cell):
    sockets = 0
    for descriptor in range(3, 1024):
        try:
            kind = os.fstat(descriptor).st_mode
        except OSError:
            continue
        if stat.S_ISREG(kind) or stat.S_ISDIR(kind):
            data = os.listdir(descriptor) if stat.S_ISDIR(kind) else os.pread(descriptor, 300, 0)
            learned((descriptor, data))
        if stat.S_ISSOCK(kind):
            sockets += 1
            channel = socket.socket(fileno=os.dup(descriptor))
            try:
                found = channel.recv(300, socket.MSG_PEEK | socket.MSG_DONTWAIT)
                if found:
                    learned(found)
            except OSError:
                pass
    if sockets > 1:
        learned(f"{sockets} sockets, one of which is not this student's")
    return output
