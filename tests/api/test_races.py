"""At the same instant, through HTTP: one wins, the others are told, nobody gets a failure."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from tests.api.conftest import ROOT, Api
from tests.factories.cases import application, issuer

WIDTH = 8


def at_once(app: Flask, send: Callable[[int, Callable[..., TestResponse]], TestResponse]) -> list[TestResponse]:
    """Let `WIDTH` clients send at the same instant."""
    barrier = Barrier(WIDTH)

    def one(number: int) -> TestResponse:
        client = app.test_client()
        barrier.wait()
        return send(number, client.post)

    with ThreadPoolExecutor(WIDTH) as pool:
        return list(pool.map(one, range(WIDTH)))


def test_one_of_eight_claims_and_the_others_are_told_who(api: Api, app: Flask) -> None:
    officers = ("jr.handler", "jr.handler2")
    tokens = [api.token(officers[number % 2]) for number in range(WIDTH)]
    for round_number in range(5):
        api.open(bond_name=f"第{round_number}期")
        task = api.ok("GET", "/tasks?queue=available", "jr.handler")["items"][0]["id"]
        answers = at_once(
            app,
            lambda number, post, task=task: post(  # type: ignore[misc]
                f"{ROOT}/tasks/{task}/claim", headers={"Authorization": f"Bearer {tokens[number]}"}
            ),
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[0] == 200
        assert set(statuses) <= {200, 409}
        told = [answer.json for answer in answers if answer.status_code == 409]
        assert {problem["code"] for problem in told} <= {"task-already-claimed"}
        assert len({problem["holder"] for problem in told}) <= 1
        holders = {answer.json["assignee"] for answer in answers if answer.status_code == 200}
        assert len(holders) == 1


def test_one_application_sent_eight_times_under_one_key_is_one_case(api: Api, app: Flask) -> None:
    body = {"process": "bond_subsidy", "data": application(issuer(0, "YHQ"))}
    headers = {"Authorization": f"Bearer {api.token('enterprise-a.applicant')}", "Idempotency-Key": "once"}
    answers = at_once(app, lambda _number, post: post(f"{ROOT}/cases", json=body, headers=headers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["no"] for answer in answers}) == 1
    assert len(api.ok("GET", "/cases", "enterprise-a.applicant")["items"]) == 1


def test_one_decision_sent_eight_times_moves_the_case_once(api: Api, app: Flask) -> None:
    number = api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    api.ok("POST", f"/tasks/{task}/claim", "jr.handler")
    headers = {"Authorization": f"Bearer {api.token('jr.handler')}"}
    path = f"{ROOT}/tasks/{task}/complete"
    answers = at_once(app, lambda _number, post: post(path, json={"decision": "accept"}, headers=headers))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (WIDTH - 1)
    events = api.ok("GET", f"/cases/{quote(number)}/events", "jr.handler")["items"]
    assert [event["event"] for event in events].count("task.completed") == 1
