"""ClamAV's daemon over its socket: the bytes are sent to it in pieces (INSTREAM), it answers with what it found.

Only an answer that can be nothing else counts as "clean": whole, in the daemon's own words, and given after the last
byte was sent. Everything else means that the bytes were not scanned.
"""

from __future__ import annotations

import re
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from webapp.adapters.storage import Readable

CHUNK = 64 * 1024
TIMEOUT_S = 45.0
"""For one file, from the connection to the answer: less than a job may last."""
PING_TIMEOUT_S = 3.0
LONGEST_ANSWER = 4096
_CLEAN = "stream: OK"
_FOUND = re.compile(r"stream: ([!-~]+) FOUND")
_NOT_LOOKED_AT = "Heuristics.Limits.Exceeded"
"""How it reports, as a find, that its own limits kept it from reading everything."""


class ScannerAwayError(Exception):
    """The scanner cannot be reached, or did not say anything about the bytes."""


class Clamd:
    """One scanner.

    Args:
        address: `unix:/path` or `tcp:host:port`.
        timeout_s: the longest a file may take.
    """

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._address = address
        self._timeout_s = timeout_s

    def ping(self) -> None:
        """Ask whether it is there.

        Raises:
            ScannerAwayError: it is not.
        """
        with self._talk(PING_TIMEOUT_S) as talk:
            talk.send(b"zPING\0")
            answer = talk.answer()
        if answer != "PONG":
            raise ScannerAwayError(answer)

    def scan(self, content: Readable) -> str | None:
        """Have some bytes scanned; return the name of what was found in them, or None.

        Args:
            content: read to its end, in pieces.

        Raises:
            ScannerAwayError: it cannot be reached, refuses the length, failed, took too long, or its answer is not one
                to what was sent.
            OSError: the content cannot be read.
        """
        with self._talk(self._timeout_s) as talk:
            talk.send(b"zINSTREAM\0")
            all_sent = talk.stream(content)
            answer = talk.answer()
        if answer == _CLEAN and all_sent:
            return None
        found = _FOUND.fullmatch(answer)
        if found and not found[1].startswith(_NOT_LOOKED_AT):
            return found[1]
        raise ScannerAwayError(answer if all_sent else f"answered before the end: {answer}")

    @contextmanager
    def _talk(self, timeout_s: float) -> Iterator[_Talk]:
        talk = _Talk(self._address, timeout_s)
        try:
            yield talk
        finally:
            talk.close()


class _Talk:
    """One connection, with an end to its patience."""

    def __init__(self, address: str, timeout_s: float) -> None:
        self._until = monotonic() + timeout_s
        try:
            self._socket = _connect(address, timeout_s)
        except OSError as error:
            raise _away(error) from error

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except OSError as error:
            raise _away(error) from error

    def stream(self, content: Readable) -> bool:
        """Send everything; tell whether it was taken to its end without a word in between."""
        while chunk := content.read(CHUNK):
            if not self._push(struct.pack("!L", len(chunk)) + chunk):
                return False
        if self._has_answered():
            return False
        return self._push(struct.pack("!L", 0))

    def answer(self) -> str:
        """Return one answer, which ends with a zero byte."""
        answer = b""
        while not answer.endswith(b"\0"):
            try:
                self._socket.settimeout(self._left())
                piece = self._socket.recv(LONGEST_ANSWER)
            except OSError as error:
                raise _away(error) from error
            answer += piece
            if not piece or len(answer) > LONGEST_ANSWER:
                raise ScannerAwayError(f"not a whole answer: {answer[:80]!r}")
        return answer[:-1].decode(errors="replace").strip()

    def _has_answered(self) -> bool:
        waiting = select.poll()  # `select` itself takes no descriptor above 1023
        waiting.register(self._socket, select.POLLIN)
        return bool(waiting.poll(0))

    def _push(self, data: bytes) -> bool:
        try:
            self._socket.settimeout(self._left())
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False  # it hangs up on what is longer than its limit, and says so in its answer
        except OSError as error:
            raise _away(error) from error
        return True

    def _left(self) -> float:
        left = self._until - monotonic()
        if left <= 0:
            raise ScannerAwayError("took too long")
        return left


def _away(error: OSError) -> ScannerAwayError:
    return ScannerAwayError(f"{type(error).__name__}: {error}")


def _connect(address: str, timeout_s: float) -> socket.socket:
    kind, _, rest = address.partition(":")
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
