"""Two hundred officers clicking at once, in front of two web processes as the scale-out guide starts them.

The officers are one process of their own that waits between clicks as people do; so what is measured is the answer as
it arrives, queueing included.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from sqlalchemy import select

from tests.bench.office import BenchDatabase
from tests.factories.org import PASSWORD
from workflows.agencies.models import Appointment, Person, Post
from workflows.permissions import PostKind

OFFICERS = 200
WORKERS = 2
SECONDS = 60
PAUSE_S = (1.6, 3.4)
"""Between two clicks of one officer: 2.5 s on average, so 200 officers ask for 80 pages a second."""
ROOT = Path(__file__).resolve().parents[2]
_CSRF = re.compile(rb'name="csrf_token"[^>]*value="([^"]+)"')
_TASK = re.compile(rb'href="(/tasks/\d+\?[^"]*)"')
_CLAIM = re.compile(rb'action="(/tasks/\d+/claim)"')
_NEXT = re.compile(rb'href="(/tasks\?[^"]*cursor=[^"]+)"')


@dataclass(frozen=True)
class ClickFigures:
    """What the crowd saw.

    Args:
        per_second: answers in a second.
        p95_ms: 95th percentile, click to whole answer.
        errors: answers of 500 and above, and connections that broke.
        largest_kb: the largest queue page, as sent.
    """

    per_second: float
    p95_ms: float
    errors: int
    largest_kb: float


@dataclass
class _Seen:
    times: list[float] = field(default_factory=list)
    errors: int = 0
    largest: int = 0


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def click(database: BenchDatabase, folder: Path) -> ClickFigures:
    """Let the crowd work for a minute."""
    with _web(database, folder) as port:
        seen = asyncio.run(_crowd(port, _usernames(database)))
    return ClickFigures(
        per_second=len(seen.times) / SECONDS,
        p95_ms=statistics.quantiles(seen.times, n=20)[-1] * 1000,
        errors=seen.errors,
        largest_kb=seen.largest / 1024,
    )


def _usernames(database: BenchDatabase) -> list[str]:
    kinds = (PostKind.HANDLER, PostKind.REVIEWER, PostKind.LEADER, PostKind.CLERK)
    with database.session() as session:
        names = session.scalars(
            select(Person.username)
            .join(Appointment, Appointment.person_id == Person.id)
            .join(Post, Post.id == Appointment.post_id)
            .where(Post.kind.in_(kinds))
            .order_by(Person.id)
        ).all()
        session.rollback()
    distinct = list(dict.fromkeys(names))
    return [distinct[n % len(distinct)] for n in range(OFFICERS)]


async def _crowd(port: int, usernames: list[str]) -> _Seen:
    seen, doors = _Seen(), asyncio.Semaphore(4)
    cookies = await asyncio.gather(*(_sign_in(port, name, doors) for name in usernames))
    until = time.monotonic() + SECONDS
    await asyncio.gather(*(_work(port, cookie, until, seen, number) for number, cookie in enumerate(cookies)))
    return seen


async def _sign_in(port: int, username: str, doors: asyncio.Semaphore) -> dict[str, str]:
    async with doors:  # passwords are slow to check on purpose; the morning's rush is not what is measured
        cookies: dict[str, str] = {}
        page = await _ask(port, "GET", "/login", cookies)
        token = _CSRF.search(page.body)
        form = {"csrf_token": token.group(1).decode() if token else "", "username": username, "password": PASSWORD}
        answer = await _ask(port, "POST", "/login", cookies, form)
        if answer.status not in (302, 303):
            raise RuntimeError(f"{username} cannot sign in: {answer.status}")
        return cookies


async def _work(port: int, cookies: dict[str, str], until: float, seen: _Seen, number: int) -> None:
    choose = random.Random(number)
    await asyncio.sleep(choose.uniform(0, PAUSE_S[1]))
    page = b""
    while time.monotonic() < until:
        method, path, form = _next_click(choose, page)
        began = time.monotonic()
        try:
            answer = await _ask(port, method, path, cookies, form)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            seen.errors += 1
        else:
            seen.times.append(time.monotonic() - began)
            seen.errors += answer.status >= 500
            if answer.status == 200 and path.startswith("/tasks?"):
                seen.largest = max(seen.largest, len(answer.body))
                page = answer.body
        await asyncio.sleep(choose.uniform(*PAUSE_S))


def _next_click(choose: random.Random, page: bytes) -> tuple[str, str, dict[str, str] | None]:
    """Mostly looking, sometimes taking: what a day in front of the queue is like."""
    wish = choose.random()
    token = _CSRF.search(page)
    if wish < 0.12 and token and (claims := _CLAIM.findall(page)):
        return "POST", choose.choice(claims).decode(), {"csrf_token": token.group(1).decode(), "queue": "available"}
    if wish < 0.3 and (tasks := _TASK.findall(page)):
        return "GET", choose.choice(tasks).decode().replace("&amp;", "&"), None
    if wish < 0.45 and (following := _NEXT.search(page)):
        return "GET", following.group(1).decode().replace("&amp;", "&"), None
    if wish < 0.55:
        return "GET", "/cases?q=" + quote("集合票据"), None
    return "GET", "/tasks?queue=" + choose.choice(("available", "available", "available", "mine", "done")), None


async def _ask(
    port: int, method: str, path: str, cookies: dict[str, str], form: dict[str, str] | None = None
) -> _Answer:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = urlencode(form).encode() if form else b""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", "Accept-Encoding: identity"]
        if cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
        if form:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        head, _, content = (await asyncio.wait_for(reader.read(-1), 30)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in rest:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
        if name.lower() == "set-cookie":
            key, _, given = value.partition(";")[0].partition("=")
            cookies[key] = given
    return _Answer(int(first.split(" ")[1]), headers, content)


@contextlib.contextmanager
def _web(database: BenchDatabase, folder: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "DATABASE_URL": database.url,
        "LIANBAN_DATA_DIR": str(folder / "data"),
        "LIANBAN_ENV": "development",
    }
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS)]
    command += ["--threads", "8", "--bind", f"127.0.0.1:{port}", "webapp.wsgi:app"]
    with (folder / "crowd.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.1)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)
