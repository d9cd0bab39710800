"""Wakes the worker after a commit, without making the request wait for the broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

PAUSE_S = 0.05
"""Commits within so many seconds share one message: a wake-up says only that there is something to do."""


class Waker:
    """Sends wake-ups from a thread of its own.

    Args:
        send: sends one message to the broker; whatever it raises is logged, since the sweep finds the rows anyway.
        pause_s: least time between two messages, in seconds.
    """

    def __init__(self, send: Callable[[], object], *, pause_s: float = PAUSE_S) -> None:
        self._send = send
        self._pause_s = pause_s
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        """Have the worker woken soon; returns at once and never raises."""
        self._wanted.set()
        with self._lock:
            # A thread does not live on in a forked process: look each time.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._wanted.wait():
            self._wanted.clear()
            try:
                self._send()
            except Exception as error:  # any broker's own errors: the sweep heals all of them
                log.warning("worker-not-woken", error=f"{type(error).__name__}: {error}")
            time.sleep(self._pause_s)
