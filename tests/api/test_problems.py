"""Errors are problem documents, whoever raises them."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Api, fields


def _is_problem(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"], answer.json["status"]) == (status, code, status)
    assert answer.content_type == "application/problem+json"
    assert answer.json["title"]
    assert answer.json["detail"]
    assert answer.json["type"] == f"urn:lianban:problem:{code}"


def test_an_address_that_does_not_exist(api: Api) -> None:
    _is_problem(api.get("/nothing/here"), 404, "not-found")
    _is_problem(api.client.get("/api/v9/tasks"), 404, "not-found")


def test_an_address_with_a_number_too_large_for_any_key(api: Api) -> None:
    _is_problem(api.get("/tasks/99999999999999999999"), 404, "not-found")


def test_a_method_the_address_does_not_take(api: Api) -> None:
    for method in ("PUT", "PATCH", "OPTIONS", "DELETE", "POST"):
        answer = api.call(method, "/measures", "jr.handler")
        _is_problem(answer, 405, "method-not-allowed")
        assert "GET" in answer.headers["Allow"]


def test_nobody_signed_in(api: Api) -> None:
    _is_problem(api.get("/measures"), 401, "session-expired")


def test_a_post_without_the_permission(api: Api) -> None:
    _is_problem(api.get("/audit/verify", "jr.handler"), 403, "permission-denied")


def test_a_body_that_is_no_json(api: Api) -> None:
    for body in (b"{", b"[1,", b"\xff\xfe", b'{"a": NaN}', b'{"username": "\\ud800"}', b"[" * 100_000):
        answer = api.post("/tokens", data=body, content_type="application/json")
        _is_problem(answer, 400, "malformed-body")


def test_a_body_that_is_no_object(api: Api) -> None:
    assert fields(api.post("/tokens", json=[1, 2])) == {"body"}


def test_a_body_of_another_type(api: Api) -> None:
    _is_problem(api.post("/tokens", data=b"username=a", content_type="text/plain"), 415, "unsupported-media-type")


def test_a_body_that_is_too_large(api: Api) -> None:
    body = b'{"username": "' + b"a" * (1 << 20) + b'"}'
    _is_problem(api.post("/tokens", data=body, content_type="application/json"), 413, "body-too-large")


def test_numbers_and_nesting_beyond_measure_are_named(api: Api) -> None:
    deep: object = 1
    for _ in range(60):
        deep = [deep]
    named = fields(api.post("/tokens", json={"username": 2**64, "password": deep}))
    assert "username" in named
    assert any(field.startswith("password.0") for field in named)


def test_sentences_follow_the_readers_language(api: Api) -> None:
    assert api.get("/measures").json["title"] == "登录已失效"
    assert api.get("/measures", headers={"Accept-Language": "en"}).json["title"] == "Signed out"
    answer = api.post("/tokens", json={"password": "x" * 1001, "else": 1}, headers={"Accept-Language": "en"})
    assert [error["field"] for error in answer.json["errors"]] == ["username", "password", "else"]
    assert all(error["message"].isascii() for error in answer.json["errors"])
    assert answer.headers["Content-Language"] == "en"


def test_a_failure_nobody_foresaw_gets_a_number_and_no_details(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from webapp.api.v1 import measures

    def fail(*_args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(measures, "lines_in_force", fail)
    answer = api.get("/measures", "jr.handler")
    _is_problem(answer, 500, "internal")
    assert answer.json["incident"]
    assert "secret" not in answer.text


def test_answers_are_kept_out_of_caches_and_sniffers(api: Api) -> None:
    answer = api.get("/measures", "jr.handler")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
