"""The API on a database with the policy, the agencies, the demo accounts and the process library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import Config
from tests.factories.cases import application, issuer
from tests.factories.kept import fill_once
from tests.factories.signing import KEY, loss, publish
from webapp import seed
from webapp.database import begin_write, db
from webapp.transaction import writing
from workflows.clock import FixedClock

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

    def ok(self, method: str, path: str, who: str, **given: Any) -> Any:
        """Return the content of an answer that must be a good one."""
        answer = self.call(method, path, who, **given)
        assert answer.status_code < 300, answer.text
        return answer.json

    def open(self, who: str = "enterprise-a.applicant", **changes: Any) -> str:
        """Open a case of one issuer, or of those given, and return its number."""
        issuers = changes.pop("issuers", [issuer(0, "YHQ")])
        body = {"process": "bond_subsidy", "data": application(*issuers, **changes)}
        number = self.ok("POST", "/cases", who, json=body)["no"]
        assert isinstance(number, str)
        return number

    def task(self, who: str, node_id: str, *, queue: str = "available", case_no: str | None = None) -> Any:
        """Return the one task of a step in somebody's queue."""
        items = self.ok("GET", f"/tasks?queue={queue}&limit=200", who)["items"]
        found = [item for item in items if item["node_id"] == node_id and case_no in (None, item["case_no"])]
        assert len(found) == 1, f"{node_id}: {[(item['node_id'], item['case_no']) for item in items]}"
        return found[0]

    def do(self, who: str, node_id: str, decision: str, *, case_no: str | None = None, **given: Any) -> Any:
        """Claim and complete the one waiting task of a step."""
        task = self.task(who, node_id, case_no=case_no)
        claimed = self.ok("POST", f"/tasks/{task['id']}/claim", who)
        body = {"decision": decision, "row_version": claimed["row_version"], **given}
        return self.ok("POST", f"/tasks/{task['id']}/complete", who, json=body)

    def wait_until(self, clock: FixedClock, at: datetime) -> None:
        """Let time pass; everybody signs in anew, since tokens run out."""
        clock.at = at
        self.tokens.clear()

    def post(self, path: str, who: str | None = None, **given: Any) -> TestResponse:
        return self.call("POST", path, who, **given)


@pytest.fixture
def api(app: Flask, config: Config, clock: FixedClock) -> Iterator[Api]:
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        begin_write(session)
        fill_once(session, ("installation", clock.now()), lambda: _fill(session, config, clock))
    return Api(app.test_client())


def _fill(session: Session, config: Config, clock: FixedClock) -> None:
    for step in seed.STEPS:
        step.load(session, clock)
    seed.seed_demo(session, config, clock=clock)


def fields(answer: TestResponse) -> set[str]:
    """Return the fields a 422 names."""
    assert answer.status_code == 422, answer.text
    return {error["field"] for error in answer.json["errors"]}


@pytest.fixture
def visitor(app: Flask, api: Api) -> FlaskClient:
    """A browser on a system with people, signed in nowhere."""
    return app.test_client()


def at_the_leads(api: Api, app: Flask, clock: FixedClock) -> str:
    """Publish the process of joint leads, bring a case of it to where the leads decide, and return its number."""
    with app.app_context(), writing() as session:
        publish(session, clock)
    number = api.ok("POST", "/cases", "guarantor-a.applicant", json={"process": KEY, "data": loss()})["no"]
    api.do("yanhu.handler", "county_verify", "agree")
    assert isinstance(number, str)
    return number
