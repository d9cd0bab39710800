"""Personal tokens through the API and on the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import Api, fields
from tests.api.pages import enter, post

WHO = "jr.handler"
ENDS = "2019-11-14T00:00:00Z"


def make(api: Api, *scopes: str, name: str = "export", who: str = WHO) -> dict[str, Any]:
    body = {"name": name, "scopes": list(scopes) or ["read"], "expires_at": ENDS}
    made: dict[str, Any] = api.ok("POST", "/me/tokens", who, json=body)
    return made


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_reads_and_changes_nothing_if_made_for_reading(api: Api) -> None:
    api.open()
    made = make(api)
    task = api.task(WHO, "formal_check")["id"]
    assert api.get("/tasks?queue=available", headers=by(made["token"])).status_code == 200
    refused = api.post(f"/tasks/{task}/claim", headers=by(made["token"]))
    assert (refused.status_code, refused.json["code"]) == (403, "permission-denied")
    me = api.get("/me", headers=by(made["token"])).json
    assert all(permission.endswith(":read") for permission in me["permissions"])


def test_a_token_for_tasks_claims_one_and_opens_no_case(api: Api) -> None:
    api.open()
    made = make(api, "tasks")
    task = api.task(WHO, "formal_check")["id"]
    assert api.post(f"/tasks/{task}/claim", headers=by(made["token"])).status_code == 200
    assert (
        api.post("/cases", headers=by(made["token"]), json={"process": "bond_subsidy", "data": {}}).status_code == 403
    )


def test_a_token_for_everything_still_has_the_limits_of_the_post(api: Api) -> None:
    made = make(api, "all", who="admin.audit")
    assert api.get("/audit/verify", headers=by(made["token"])).status_code == 200
    assert api.get("/tasks?queue=mine", headers=by(made["token"])).status_code == 403


def test_a_token_does_not_reach_the_account_of_its_owner(api: Api) -> None:
    made = make(api, "all")
    calls = [
        ("POST", "/me/tokens", {"name": "wider", "scopes": ["all"], "expires_at": ENDS}),
        ("GET", "/me/tokens", None),
        ("POST", "/me/password", {"old_password": "x", "new_password": "y"}),
        ("GET", "/me/logins", None),
        ("DELETE", "/me/logins", None),
        ("POST", "/me/second-factor", None),
    ]
    for method, path, body in calls:
        assert api.call(method, path, headers=by(made["token"]), json=body).status_code == 403, path


def test_a_token_is_listed_without_its_secret_and_revoked(api: Api) -> None:
    made = make(api)
    listed = api.ok("GET", "/me/tokens", WHO)["items"]
    assert [(item["id"], item["name"], item["scopes"]) for item in listed] == [(made["id"], "export", ["read"])]
    assert made["token"] not in str(listed)
    assert api.call("DELETE", f"/me/tokens/{made['id']}", WHO).status_code == 204
    assert api.get("/me", headers=by(made["token"])).status_code == 401
    assert api.call("DELETE", f"/me/tokens/{made['id']}", WHO).status_code == 404


def test_a_token_outlives_the_login_it_was_made_in(api: Api) -> None:
    made = make(api)
    assert api.call("DELETE", "/tokens/current", WHO).status_code == 204
    assert api.get("/me", headers=by(made["token"])).status_code == 200


def test_token_of_somebody_else_is_not_found(api: Api) -> None:
    made = make(api)
    assert api.call("DELETE", f"/me/tokens/{made['id']}", "cz.handler").status_code == 404


def test_the_secret_is_kept_nowhere_so_the_same_request_is_refused_by_name(api: Api) -> None:
    body = {"name": "export", "scopes": ["read"], "expires_at": ENDS}
    first = api.post("/me/tokens", WHO, json=body, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201
    assert fields(api.post("/me/tokens", WHO, json=body, headers={"Idempotency-Key": "k"})) == {"name"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 500}, "name"),
        ({"name": 7}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": "read"}, "scopes"),
        ({"expires_at": "2019-10-13T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2029-10-13T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2019-11-14T00:00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"permissions": ["case:read"]}, "permissions"),
    ],
)
def test_what_is_wrong_is_named(api: Api, changed: dict[str, Any], field: str) -> None:
    body = {"name": "export", "scopes": ["read"], "expires_at": ENDS, **changed}
    assert fields(api.post("/me/tokens", WHO, json=body)) == {field}
    assert api.ok("GET", "/me/tokens", WHO)["items"] == []


def test_a_token_is_made_shown_once_and_revoked_on_the_page(visitor: FlaskClient, api: Api) -> None:
    enter(visitor)
    made = post(visitor, "/me/tokens/new", "/me/tokens/new", name="<b>export</b>", scopes="read", days="30")
    assert made.status_code == 200
    secret = re.search(r"<code[^>]*>([\w-]{43})</code>", made.text)
    assert secret is not None
    assert api.get("/me", headers=by(secret[1])).status_code == 200
    page = visitor.get("/me").text
    assert secret[1] not in page
    assert "&lt;b&gt;export&lt;/b&gt;" in page
    action = re.search(r'action="(/me/tokens/\d+/revoke)"', page)
    assert action is not None
    assert post(visitor, action[1]).status_code == 302
    assert api.get("/me", headers=by(secret[1])).status_code == 401


@pytest.mark.parametrize("days", ["0", "-5", "9999999999999", "many", ""])
def test_wild_days_are_refused_on_the_page(visitor: FlaskClient, days: str) -> None:
    enter(visitor)
    answer = post(visitor, "/me/tokens/new", "/me/tokens/new", name="export", scopes="read", days=days)
    assert answer.status_code == 422
    assert "有效期应在今后90天之内" in answer.text


def test_only_scopes_of_use_to_the_post_are_offered(visitor: FlaskClient) -> None:
    enter(visitor, "admin.audit")
    page = visitor.get("/me/tokens/new").text
    assert 'value="read"' in page
    assert 'value="payments"' not in page
