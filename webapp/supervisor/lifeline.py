"""Children notice when the process that started them is gone, even when it was killed outright."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time

VARIABLE = "LIANBAN_LIFELINE"
"""Set for a child whose standard input is a pipe that its parent never writes to: its end is the parent's end."""

GRACE_S = 10.0
_PR_SET_PDEATHSIG = 1


def follow_parent() -> None:
    """In a supervised child: end in good order when the parent is gone, and at once if that takes too long."""
    if os.environ.pop(VARIABLE, None):
        threading.Thread(target=_watch, name="lifeline", daemon=True).start()


def die_with_parent() -> None:
    """In a forked job process: be killed with the process that forked it. Linux only; elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _watch() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)
