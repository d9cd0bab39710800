"""Starting, watching and stopping the child processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from webapp.supervisor.lifeline import VARIABLE

STOP_S = 15.0
"""How long a child may take to end in good order before it is killed."""
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_S = 30.0
"""A child that ran so long starts again without delay."""
LOG_LIMIT = 10 * 2**20
TICK_S = 0.2


@dataclass(frozen=True)
class Program:
    """A child process to keep running.

    Args:
        name: as shown and as the name of its log.
        command: the arguments of the process.
    """

    name: str
    command: tuple[str, ...]


class Child:
    """One program and the process it runs in at present."""

    def __init__(self, program: Program, *, log_dir: Path, environ: Mapping[str, str], lifeline: int) -> None:
        self.program = program
        self._log = log_dir / f"{program.name}.log"
        self._environ = {**environ, VARIABLE: "1"}
        self._lifeline = lifeline
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._failures = 0
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process's id, while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process, in a session of its own so that Ctrl-C reaches the supervisor alone."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > LOG_LIMIT:
            self._log.replace(self._log.with_suffix(".log.1"))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own command
                self.program.command,
                stdin=self._lifeline,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environ,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def revive(self) -> int | None:
        """Start the process again if it ended and has waited long enough; return the status it ended with."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._not_before:
                self.start()
            return None
        status = self._process.poll()
        if status is None:
            return None
        # What it forked may still be at work: two of them must not do the same job side by side.
        self._signal(signal.SIGKILL)
        self._failures = 0 if now - self._started > STEADY_S else self._failures + 1
        self._not_before = now + (BACK_OFF_S[min(self._failures - 1, len(BACK_OFF_S) - 1)] if self._failures else 0)
        self._process = None
        return status

    def ask_to_stop(self) -> None:
        """Ask the process to end in good order."""
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)

    def stop(self, *, before: float) -> None:
        """Wait for the process to end until the monotonic time `before`, then kill it with all it forked."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, before - time.monotonic()))
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


class Supervisor:
    """Keeps programs running until it is told to stop.

    Args:
        programs: what to run; the first alone until it is ready, then the others.
        log_dir: where each writes its log.
        say: shows one line to the person at the terminal.
    """

    def __init__(self, programs: Sequence[Program], *, log_dir: Path, say: Callable[[str], None]) -> None:
        # Only this process holds the writing end: when it goes, however it goes, the children read the end.
        reading, self._writing = os.pipe()
        self._children = [Child(program, log_dir=log_dir, environ=os.environ, lifeline=reading) for program in programs]
        self._say = say
        self._log_dir = log_dir
        self._stop = threading.Event()

    def run(self, ready: Callable[[], bool]) -> int:
        """Start everything, watch it, stop everything on SIGINT or SIGTERM.

        Args:
            ready: asked until it tells true, then never again; it does its own announcing.

        Returns:
            The exit status, 0 after an orderly stop.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        announced = False
        try:
            while not self._stop.wait(TICK_S):
                # The others wait for the first: all at once they would only take each other's processor time.
                self._look_after(self._children if announced else self._children[:1])
                announced = announced or ready()
        finally:
            self._stop_all()
        return 0

    def _look_after(self, children: Sequence[Child]) -> None:
        for child in children:
            status = child.revive()
            if status is not None:
                log = self._log_dir / f"{child.program.name}.log"
                self._say(f"{child.program.name} 已退出，正在重启 · ended with {status}, starting again; see {log}")

    def _stop_all(self) -> None:
        before = time.monotonic() + STOP_S
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.stop(before=before)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            sys.exit(130)
        self._stop.set()
