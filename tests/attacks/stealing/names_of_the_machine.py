"""Aim: learn who and where it is: host name, users, kernel's addresses, devices.
At most: 0 points of gates.
"""

import os
import socket

from marks import learned

if os.uname().nodename != "far-side" or socket.gethostname() != "far-side":
    learned(os.uname().nodename)
for path in ("/etc/hostname", "/etc/passwd", "/etc/machine-id", "/sys/class/net", "/sys/class/dmi/id/product_uuid", "/dev/kmsg", "/dev/mem",
             "/dev/sda", "/dev/vda", "/dev/tty", "/proc/kallsyms", "/proc/kcore"):  # fmt: skip
    if os.path.exists(path):
        learned(path)
