"""Aim: leave other settings of the process behind: folder, mask, umask, locale, time zone, handlers, environment.
At most: 0 points of gates.
"""

import locale
import os
import signal
import sys
import time

from marks import learned

if os.environ.get("FARSIDE_ATTACK"):
    learned("the environment")
os.environ["FARSIDE_ATTACK"] = "1"
os.environ["TZ"] = "Pacific/Kiritimati"
time.tzset()
os.umask(0o777)
os.chdir("/")
locale.setlocale(locale.LC_ALL, "C")
signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.valid_signals()) - {signal.SIGKILL})
sys.settrace(lambda *args: None)
sys.setswitchinterval(100)
sys.stdout.close()
