"""Runs the program's own processes for tests, and makes sure that none is left behind."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config import ROOT

START_S = 90.0
"""Far above what a start takes: the machine may be busy with the rest of the suite."""


def free_port() -> int:
    """Return a port nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for `holds` to tell true.

    Raises:
        AssertionError: it did not within `seconds`.
    """
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def answers(port: int, path: str = "/readyz") -> bool:
    """Tell whether the web process on `port` answers `path` with 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """Return an environment for the program with its data in `data_dir` and nothing of this machine's settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LIANBAN_", "DATABASE_URL", "BROKER_URL"))
    }
    return {**kept, "LIANBAN_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT), **more}


def with_parent(*command: str) -> tuple[str, ...]:
    """Return a command that ends with the tests, even where these are killed and cannot end it."""
    wrapper = shutil.which("setpriv")
    return (wrapper, "--pdeathsig", "KILL", "--", *command) if wrapper else command


@contextmanager
def started(*command: str, environ: Mapping[str, str], output: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run `lianban` with the arguments `command` in a process group of its own; kill the group at the end."""
    log = (output or Path(os.devnull)).open("ab")
    process = subprocess.Popen(
        (sys.executable, "-m", "webapp.cli", *command),
        cwd=ROOT,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        log.close()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def processes_with(text: str) -> dict[int, str]:
    """Return the living processes whose environment holds `text`: id → command line. Linux only."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and text.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found
