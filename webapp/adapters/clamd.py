"""ClamAV's daemon over its socket: the bytes are sent to it in pieces (INSTREAM), it answers with what it found."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

CHUNK = 64 * 1024
TIMEOUT_S = 30.0
PING_TIMEOUT_S = 3.0
LONGEST_ANSWER = 4096


class ScannerAwayError(Exception):
    """The scanner cannot be reached, or did not say anything about the bytes."""


class Clamd:
    """One scanner.

    Args:
        address: `unix:/path` or `tcp:host:port`.
    """

    def __init__(self, address: str) -> None:
        self._address = address

    def ping(self) -> None:
        """Ask whether it is there.

        Raises:
            ScannerAwayError: it is not.
        """
        with self._talk(PING_TIMEOUT_S) as connection:
            connection.sendall(b"zPING\0")
            answer = _answer(connection)
        if answer != "PONG":
            raise ScannerAwayError(answer)

    def scan(self, content: IO[bytes]) -> str | None:
        """Have some bytes scanned; return the name of what was found in them, or None.

        Args:
            content: read to its end, in pieces.

        Raises:
            ScannerAwayError: it cannot be reached, refuses the length, or failed.
        """
        with self._talk(TIMEOUT_S) as connection:
            connection.sendall(b"zINSTREAM\0")
            try:
                while chunk := content.read(CHUNK):
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
            except (BrokenPipeError, ConnectionResetError):
                pass  # it hangs up on what is longer than its limit, and says so in its answer
            answer = _answer(connection)
        said = answer.removeprefix("stream: ")
        if said == "OK":
            return None
        if said.endswith(" FOUND"):
            return said.removesuffix(" FOUND")
        raise ScannerAwayError(answer)

    @contextmanager
    def _talk(self, timeout_s: float) -> Iterator[socket.socket]:
        try:
            with self._connect(timeout_s) as connection:
                yield connection
        except OSError as error:
            raise ScannerAwayError(f"{type(error).__name__}: {error}") from error

    def _connect(self, timeout_s: float) -> socket.socket:
        kind, _, rest = self._address.partition(":")
        if kind == "tcp":
            host, _, port = rest.rpartition(":")
            return socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_s)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(timeout_s)
        try:
            connection.connect(rest)
        except OSError:
            connection.close()
            raise
        return connection


def _answer(connection: socket.socket) -> str:
    """Return one answer; they end with a zero byte, or with the connection."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        piece = connection.recv(LONGEST_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace")
