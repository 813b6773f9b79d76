"""Aim: talk to daemons over unix sockets, by path and by abstract name.
At most: 0 points of gates.
"""

import socket

from marks import learned

NAMES = ("/run/docker.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0", "\0/tmp/.X11-unix/X0",
         "/run/systemd/private", "\0farside-attack")  # fmt: skip

for name in NAMES:
    try:
        socket.socket(socket.AF_UNIX).connect(name)
    except OSError:
        continue
    learned(name)
