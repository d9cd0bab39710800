"""The API on a database with the policy, the agencies, the demo accounts and the process library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import Config
from webapp import seed
from webapp.transaction import writing
from workflows.clock import FixedClock
from workflows.deadlines import seed_calendar

ROOT = "/api/v1"
PASSWORD = "demo-password"


@dataclass
class Api:
    """A client of the API, signed in as whoever a call names."""

    client: FlaskClient
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, username: str) -> str:
        if username not in self.tokens:
            answer = self.client.post(f"{ROOT}/tokens", json={"username": username, "password": PASSWORD})
            assert answer.status_code == 201, answer.text
            self.tokens[username] = answer.json["token"]
        return self.tokens[username]

    def call(self, method: str, path: str, who: str | None = None, **given: Any) -> TestResponse:
        headers = {**({"Authorization": f"Bearer {self.token(who)}"} if who else {}), **given.pop("headers", {})}
        return self.client.open(f"{ROOT}{path}", method=method, headers=headers, **given)

    def get(self, path: str, who: str | None = None, **given: Any) -> TestResponse:
        return self.call("GET", path, who, **given)

    def post(self, path: str, who: str | None = None, **given: Any) -> TestResponse:
        return self.call("POST", path, who, **given)


@pytest.fixture
def api(app: Flask, config: Config, clock: FixedClock) -> Iterator[Api]:
    with app.app_context(), writing() as session:
        for step in seed.STEPS:
            step.load(session, clock)
        seed_calendar(session, clock=clock)
        seed.seed_demo(session, config, clock=clock)
    return Api(app.test_client())


def fields(answer: TestResponse) -> set[str]:
    """Return the fields a 422 names."""
    assert answer.status_code == 422, answer.text
    return {error["field"] for error in answer.json["errors"]}
