"""ClamAV's daemon for tests: the real program with a single signature, and stand-ins that answer as they like."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.launching import START_S, free_port, wait_until, with_parent
from webapp.adapters.clamd import Clamd, ScannerAwayError

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""The test string of all scanners, in two parts: this file is not to be taken for a virus."""
SIGNATURE = "Lianban.Test.EICAR.UNOFFICIAL"
LIMIT = 1 << 20


@dataclass(frozen=True)
class Scanner:
    """A running daemon.

    Args:
        addresses: over its socket, and over TCP.
    """

    addresses: tuple[str, str]

    @property
    def address(self) -> str:
        return self.addresses[0]


@contextmanager
def run_clamd(folder: Path) -> Iterator[Scanner]:
    """Run clamd with everything it writes in `folder`.

    Raises:
        FileNotFoundError: it is not on this machine.
    """
    program = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        raise FileNotFoundError("clamd is not installed (clamav-daemon)")
    signatures, port = folder / "signatures", free_port()
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Lianban.Test.EICAR:0:*:{EICAR.hex()}\n")
    settings = folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {signatures}\nTemporaryDirectory {folder}\nLocalSocket {folder}/socket\n"
        f"TCPSocket {port}\nTCPAddr 127.0.0.1\nForeground yes\nMaxThreads 2\nStreamMaxLength {LIMIT}\n"
    )
    scanner = Scanner((f"unix:{folder}/socket", f"tcp:127.0.0.1:{port}"))
    process = subprocess.Popen(
        with_parent(program, "-c", str(settings)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        wait_until(lambda: all(map(_answers, scanner.addresses)), seconds=START_S, what="clamd")
        yield scanner
    finally:
        process.kill()
        process.wait()


def _answers(address: str) -> bool:
    try:
        Clamd(address).ping()
    except ScannerAwayError:
        return False
    return True


Say = Callable[[socket.socket, bytes], None]


@dataclass
class Liar:
    """Answers to PING as a scanner does, to INSTREAM as it likes.

    Args:
        scans: how often it was asked to scan.
    """

    address: str
    asked: threading.Event = field(default_factory=threading.Event)
    scans: int = 0


@contextmanager
def liar(folder: Path, say: Say) -> Iterator[Liar]:
    """Run a scanner that lies; `say` gets each connection after its command was read."""
    path = folder / "liar"
    found = Liar(f"unix:{path}")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    listening.listen(8)
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                command = _command(connection)
                if command == b"zPING\0":
                    connection.sendall(b"PONG\0")
                else:
                    found.scans += 1
                    found.asked.set()
                    say(connection, command)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
        listening.close()


def _command(connection: socket.socket) -> bytes:
    command = b""
    while not command.endswith(b"\0"):
        piece = connection.recv(1)
        if not piece:
            break
        command += piece
    return command


def read_stream(connection: socket.socket) -> bytes:
    """Read what a client streams, to its end."""
    content = b""
    while length := int.from_bytes(_exactly(connection, 4), "big"):
        content += _exactly(connection, length)
    return content


def clean(connection: socket.socket, _command: bytes) -> None:
    """Say that nothing was found in what a client streams."""
    read_stream(connection)
    connection.sendall(b"stream: OK\0")


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        piece = connection.recv(length - len(data))
        if not piece:
            raise ConnectionError("the client hung up")
        data += piece
    return data
