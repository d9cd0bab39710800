"""The same completion over HTTP: one kept connection to a web process of its own, on loopback."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from tests.bench.office import BenchDatabase, claim_all, open_cases
from tests.factories.org import PASSWORD

ROUNDS = 250
START_S = 30
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class HttpFigures:
    """What the web process showed.

    Args:
        complete_ms: median of one completion, request to answer.
        resident_mb: resident memory of the web process afterwards.
    """

    complete_ms: float
    resident_mb: float


def complete_over_http(database: BenchDatabase, folder: Path) -> HttpFigures:
    """Complete the first of three steps, many times over."""
    open_cases(database, "bench_three_steps", {}, ROUNDS)
    ids = claim_all(database, "jr.handler", "first")[-ROUNDS:]
    with _web(database, folder) as (process, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.connect()
        if connection.sock is not None:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        token = _call(connection, "/api/v1/tokens", {"username": "jr.handler", "password": PASSWORD})["token"]
        times = []
        for task_id in ids:
            began = perf_counter()
            _call(connection, f"/api/v1/tasks/{task_id}/complete", {"decision": "ok"}, str(token))
            times.append((perf_counter() - began) * 1000)
        connection.close()
        return HttpFigures(statistics.median(times), _resident_mb(process.pid))


def _call(
    connection: http.client.HTTPConnection, path: str, body: dict[str, object], token: str | None = None
) -> dict[str, object]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status >= 300:
        raise RuntimeError(f"{path}: {response.status} {answer.decode()[:500]}")
    answered: dict[str, object] = json.loads(answer)
    return answered


@contextlib.contextmanager
def _web(database: BenchDatabase, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": database.url,
        "LIANBAN_DATA_DIR": str(folder / "data"),
        "LIANBAN_ENV": "development",
    }
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", "web", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            _await(process, port, folder / "web.log")
            yield process, port
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_S * 10):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the web process did not start: {log.read_text()[-2000:]}")


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")
