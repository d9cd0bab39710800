"""The scanner over its socket: what it says counts only where it cannot mean anything else."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clamav import EICAR, LIMIT, SIGNATURE, Scanner, clean, liar, read_stream
from webapp.adapters.clamd import Clamd, ScannerAwayError

HARMLESS = b"%PDF-1.4\n" + b"a paper " * 30_000
INFECTED = b"%PDF-1.4\n" + EICAR + b"\n%%EOF"


@pytest.mark.services
@pytest.mark.parametrize("way", [0, 1], ids=["socket", "tcp"])
def test_the_real_scanner_tells_harmless_from_infected(clamd: Scanner, way: int) -> None:
    scanner = Clamd(clamd.addresses[way])
    scanner.ping()
    assert scanner.scan(io.BytesIO(HARMLESS)) is None
    assert scanner.scan(io.BytesIO(b"")) is None
    assert scanner.scan(io.BytesIO(INFECTED)) == SIGNATURE


@pytest.mark.services
@pytest.mark.parametrize("way", [0, 1], ids=["socket", "tcp"])
def test_what_is_longer_than_the_scanner_takes_is_not_clean(clamd: Scanner, way: int) -> None:
    with pytest.raises(ScannerAwayError):
        Clamd(clamd.addresses[way]).scan(io.BytesIO(bytes(3 * LIMIT)))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",  # cut off: there may have been more
        b"stream: OK\n",
        b"stream: OK\0stream: Eicar FOUND\0",
        b"stream: not OK\0",
        b"stream:  FOUND\0",
        b"Eicar FOUND\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"\xff\xfe\x00",
        b"HTTP/1.1 200 OK\r\n\r\nstream: OK\0",
        b"x" * 10_000 + b"\0",
    ],
)
def test_an_answer_that_is_none_means_not_scanned(tmp_path: Path, answer: bytes) -> None:
    def say(connection: socket.socket, _command: bytes) -> None:
        assert read_stream(connection) == HARMLESS
        connection.sendall(answer)

    with liar(tmp_path, say) as found, pytest.raises(ScannerAwayError):
        Clamd(found.address, timeout_s=2).scan(io.BytesIO(HARMLESS))


def test_clean_before_everything_was_read_is_not_believed(tmp_path: Path) -> None:
    said = threading.Event()

    class Slow(io.BytesIO):
        """The last bytes come after the scanner has spoken."""

        def read(self, size: int | None = -1) -> bytes:
            chunk = super().read(size)
            if not chunk:
                assert said.wait(5)
            return chunk

    def say(connection: socket.socket, _command: bytes) -> None:
        connection.sendall(b"stream: OK\0")
        said.set()
        read_stream(connection)

    with liar(tmp_path, lambda *given: _quietly(say, *given)) as found, pytest.raises(ScannerAwayError, match="before"):
        Clamd(found.address).scan(Slow(HARMLESS))


def _quietly(say: object, *given: object) -> None:
    with contextlib.suppress(ConnectionError):
        say(*given)  # type: ignore[operator]


def test_a_scanner_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    over = threading.Event()
    with liar(tmp_path, lambda _connection, _command: over.wait(10) and None) as found:
        with pytest.raises(ScannerAwayError):
            Clamd(found.address, timeout_s=0.3).scan(io.BytesIO(HARMLESS))
        over.set()


def test_a_scanner_that_is_not_there_is_away(tmp_path: Path) -> None:
    for address in (f"unix:{tmp_path}/none", "tcp:127.0.0.1:1"):
        with pytest.raises(ScannerAwayError):
            Clamd(address).ping()


def test_a_file_that_cannot_be_read_is_the_stores_trouble(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the store is away")

    with liar(tmp_path, lambda _c, _d: None) as found, pytest.raises(OSError, match="the store is away"):
        Clamd(found.address).scan(Broken(HARMLESS))


@pytest.fixture
def _many_open_files() -> Iterator[None]:
    """Whatever is opened from here on gets a number above 1024."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limits[1] < 2048:
        pytest.skip("the machine does not allow that many open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limits[0], 2048), limits[1]))
    taken = [os.open(os.devnull, os.O_RDONLY)]
    while taken[-1] < 1024:
        taken.append(os.dup(taken[0]))
    yield
    for descriptor in taken:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.usefixtures("_many_open_files")
def test_a_process_with_many_open_files_scans_as_any_other(tmp_path: Path) -> None:
    with liar(tmp_path, clean) as found:
        assert Clamd(found.address).scan(io.BytesIO(HARMLESS)) is None
