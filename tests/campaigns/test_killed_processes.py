"""`kill -9` in the middle of the work: what was answered is there, what was to follow follows."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from tests.campaigns.test_processes import Running
from tests.factories.cases import application, issuer
from tests.launching import START_S, answers, environment, free_port, started, wait_until
from webapp.database import build_engine
from workflows import audit

APPLICANT, OFFICER = "enterprise-a.applicant", "jr.handler"
ROUNDS = 3


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    port, output, data_dir = free_port(), tmp_path / "output", tmp_path / "data"
    environ = environment(data_dir, LIANBAN_PORT=str(port), LIANBAN_DEMO_PASSWORD="demo-password")
    with started("run", environ=environ, output=output) as process:
        wait_until(lambda: "Ready" in output.read_text(), seconds=START_S, what="ready")
        running = Running(port, data_dir, process.pid, output)
        wait_until(lambda: None not in map(running.process, ("web", "worker", "beat")), seconds=START_S, what="all up")
        yield running


def call(running: Running, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    """Return the content of an answer that must be a good one."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    try:
        connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        assert answer.status < 300, content
        return content
    finally:
        connection.close()


def sign_in(running: Running, username: str) -> str:
    return str(call(running, "POST", "/tokens", {"username": username, "password": "demo-password"})["token"])


def kill(running: Running, name: str) -> None:
    pid = running.process(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: running.process(name) not in (None, pid), seconds=START_S, what=f"{name} again")


def archived(running: Running) -> set[str]:
    connection = sqlite3.connect(running.data_dir / "lianban.sqlite3")
    try:
        rows = connection.execute('SELECT no FROM "case" JOIN case_archive ON case_archive.case_id = "case".id')
        return {no for (no,) in rows}
    finally:
        connection.close()


def test_what_was_answered_outlives_killed_processes_and_is_archived(running: Running) -> None:
    applicant, officer = sign_in(running, APPLICANT), sign_in(running, OFFICER)
    numbers = set()
    for _ in range(ROUNDS):
        body = {"process": "bond_subsidy", "data": application(issuer(0, "YHQ"))}
        no = call(running, "POST", "/cases", body, applicant)["no"]
        task = call(running, "GET", "/tasks?queue=available", token=officer)["items"][0]
        claimed = call(running, "POST", f"/tasks/{task['id']}/claim", token=officer)
        refusal = {
            "decision": "not_accept",
            "opinion": "不属于补助范围",
            "data": {"reason": "不属于补助范围"},
            "row_version": claimed["row_version"],
        }
        moved = call(running, "POST", f"/tasks/{task['id']}/complete", refusal, officer)
        assert moved["case_status"] == "closed"
        for name in ("worker", "web"):  # the worker with the archive in its hands, the web right after its answer
            kill(running, name)
        wait_until(lambda: answers(running.port), seconds=START_S, what="web answers")
        assert call(running, "GET", f"/cases/{quote(no)}", token=applicant)["status"] in {"closed", "archived"}
        numbers.add(no)
    wait_until(lambda: archived(running) == numbers, seconds=START_S, what="archived")
    engine = build_engine(f"sqlite:///{running.data_dir / 'lianban.sqlite3'}")
    with Session(engine) as session:
        assert audit.verify(session).ok
    engine.dispose()
