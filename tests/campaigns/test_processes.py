"""Starting, stopping and killing the processes of one set-up."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.launching import START_S, answers, environment, free_port, processes_with, started, wait_until


@dataclass(frozen=True)
class Running:
    """A set-up that has started."""

    port: int
    data_dir: Path
    pid: int
    output: Path

    def process(self, name: str) -> int | None:
        """Return the id of the oldest process of that name."""
        ours = processes_with(f"LIANBAN_DATA_DIR={self.data_dir}")
        pids = [pid for pid, command in ours.items() if f"webapp.cli {name}" in command]
        return min(pids, default=None)

    def everything(self) -> dict[int, str]:
        """Return all processes of this set-up."""
        return processes_with(f"LIANBAN_DATA_DIR={self.data_dir}")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    port, output, data_dir = free_port(), folder / "output", folder / "data"
    environ = environment(data_dir, LIANBAN_PORT=str(port), LIANBAN_DEMO_PASSWORD="demo-password")
    with started("run", environ=environ, output=output) as process:
        wait_until(lambda: "Ready" in output.read_text(), seconds=START_S, what="ready")
        running = Running(port, data_dir, process.pid, output)
        wait_until(lambda: None not in map(running.process, ("web", "worker", "beat")), seconds=30, what="all up")
        yield running
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    assert not running.everything()


def test_the_address_and_the_password_are_printed(running: Running) -> None:
    said = running.output.read_text()
    assert f"http://127.0.0.1:{running.port}/" in said
    assert "demo-password" in said
    assert answers(running.port, "/healthz")


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_a_killed_process_is_started_again(running: Running, name: str) -> None:
    before = running.process(name)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: running.process(name) not in (None, before), seconds=15, what=f"{name} again")
    wait_until(lambda: answers(running.port), seconds=START_S, what="web answers")


def test_nothing_outlives_a_killed_supervisor(running: Running) -> None:
    os.kill(running.pid, signal.SIGKILL)
    wait_until(lambda: not running.everything(), seconds=20, what="all processes gone")


def test_a_second_start_is_fast_and_changes_nothing(tmp_path: Path) -> None:
    port, data_dir = free_port(), tmp_path / "data"
    environ = environment(data_dir, LIANBAN_PORT=str(port), LIANBAN_DEMO_PASSWORD="demo-password")
    contents, seconds = [], []
    for start in range(2):
        output = tmp_path / f"output{start}"
        output.touch()
        began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        with started("run", environ=environ, output=output):
            wait_until(lambda output=output: "Ready" in output.read_text(), seconds=START_S, what="ready")
        seconds.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began)
        with sqlite3.connect(data_dir / "lianban.sqlite3") as connection:
            contents.append([line for line in connection.iterdump() if 'INSERT INTO "lease"' not in line])
        connection.close()
    assert contents[0] == contents[1]
    # Work, not time: set-up, three processes and their end on a machine that may be busy with the rest of the suite.
    # About 4 s of work is 3 s on two free cores.
    assert seconds[1] < 12
