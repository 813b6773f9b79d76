"""Aim: reach somebody: this machine, the internet, a cloud's metadata, the kernel's routing tables.
At most: 0 points of gates.
"""

import socket
import struct

from marks import learned

for address in (("127.0.0.1", 22), ("127.0.0.1", 80), ("127.0.0.1", 8888), ("1.1.1.1", 53), ("169.254.169.254", 80), ("10.0.2.2", 80)):
    try:
        socket.create_connection(address, 0.2)
    except OSError:
        continue
    learned(address)
try:
    learned(socket.getaddrinfo("pypi.org", 443))
except OSError:
    pass
try:
    learned(socket.create_connection(("2606:4700:4700::1111", 53), 0.2))
except OSError:
    pass
names = [name for _, name in socket.if_nameindex()]
if set(names) - {"lo"}:
    learned(names)
for family, kind in ((socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_INET, socket.SOCK_RAW), (getattr(socket, "AF_VSOCK", 40), socket.SOCK_STREAM)):
    try:
        opened = socket.socket(family, kind)
        if family not in (socket.AF_PACKET, socket.AF_INET):
            opened.settimeout(0.2)
            opened.connect((2, 1024))
    except (OSError, TypeError, struct.error):
        continue
    learned((family, kind))
