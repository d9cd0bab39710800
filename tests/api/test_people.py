"""People, posts and grants through the API and on the pages: two persons give, one takes away, nobody sees a case."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.api.conftest import PASSWORD, Api, fields
from tests.api.pages import enter, post
from tests.api.test_second_factor import enrol
from workflows.clock import FixedClock

SYSTEM, SECURITY, AUDIT = "admin.system", "admin.security", "admin.audit"
NEW = {"username": "new.handler", "name": "新人", "agency": "JR", "post": "handler"}


def person_id(api: Api, username: str) -> int:
    found: int = api.ok("GET", f"/appointments?username={username}", SYSTEM)["items"][0]["person_id"]
    return found


def approve(api: Api, request: dict[str, Any], who: str = SECURITY) -> Any:
    body = {"row_version": request["row_version"]}
    return api.post(f"/grant-requests/{request['id']}/approve", who, json=body)


def sign_in(api: Api, username: str, password: str) -> Any:
    return api.post("/tokens", json={"username": username, "password": password})


def test_a_new_account_opens_after_the_approval_and_only_to_change_its_password(api: Api) -> None:
    made = api.ok("POST", "/people", SYSTEM, json=NEW)
    assert sign_in(api, "new.handler", made["password"]).status_code == 401
    assert approve(api, made["request"]).status_code == 200
    token = sign_in(api, "new.handler", made["password"]).json["token"]
    by = {"Authorization": f"Bearer {token}"}
    assert api.get("/tasks?queue=mine", headers=by).json["code"] == "login-waits-for-password"
    change = {"old_password": made["password"], "new_password": "a wholly new one"}
    assert api.post("/me/password", headers=by, json=change).status_code == 204
    assert api.get("/tasks?queue=mine", headers=by).status_code == 200


def test_an_ended_appointment_kills_logins_and_tokens_at_once(api: Api) -> None:
    body = {"name": "export", "scopes": ["read"], "expires_at": "2019-11-14T00:00:00Z"}
    personal = api.ok("POST", "/me/tokens", "jr.handler", json=body)["token"]
    held = api.ok("GET", "/appointments?username=jr.handler", SYSTEM)["items"]
    assert [one["in_force"] for one in held] == [True]
    assert api.post(f"/appointments/{held[0]['id']}/end", SYSTEM).status_code == 204
    assert api.get("/me", "jr.handler").status_code == 401
    assert api.get("/me", headers={"Authorization": f"Bearer {personal}"}).status_code == 401
    assert sign_in(api, "jr.handler", PASSWORD).json["code"] == "no-post"
    assert api.post(f"/appointments/{held[0]['id']}/end", SYSTEM).status_code == 409


def test_a_new_post_kills_the_logins_that_rest_on_the_old_ones(api: Api) -> None:
    api.token("jr.handler")
    wish = {"username": "jr.handler", "agency": "CZ", "post": "handler"}
    request = api.ok("POST", "/appointments", SYSTEM, json=wish)
    assert api.get("/me", "jr.handler").status_code == 200
    assert approve(api, request).status_code == 200
    assert api.get("/me", "jr.handler").status_code == 401
    api.tokens.clear()
    assert {held["agency"] for held in api.ok("GET", "/me", "jr.handler")["posts"]} == {"JR", "CZ"}


def test_a_closed_account_is_dead_at_once_and_restored_by_two(api: Api) -> None:
    api.token("jr.handler")
    key = person_id(api, "jr.handler")
    assert api.post(f"/people/{key}/close", SYSTEM).status_code == 204
    assert api.get("/me", "jr.handler").status_code == 401
    request = api.ok("POST", f"/people/{key}/restoration-requests", SYSTEM)
    assert sign_in(api, "jr.handler", PASSWORD).status_code == 401
    assert approve(api, request).status_code == 200
    assert sign_in(api, "jr.handler", PASSWORD).status_code == 201


def test_a_lost_password_is_replaced_by_two(api: Api) -> None:
    api.token("jr.handler")
    made = api.ok("POST", f"/people/{person_id(api, 'jr.handler')}/password-requests", SYSTEM)
    assert api.get("/me", "jr.handler").status_code == 200
    assert approve(api, made["request"]).status_code == 200
    assert api.get("/me", "jr.handler").status_code == 401
    assert sign_in(api, "jr.handler", PASSWORD).status_code == 401
    assert sign_in(api, "jr.handler", made["password"]).status_code == 201


def test_a_refusal_is_seen_with_its_reason_by_all_three_administrators(api: Api) -> None:
    made = api.ok("POST", "/people", SYSTEM, json=NEW)
    address = f"/grant-requests/{made['request']['id']}/refuse"
    assert fields(api.post(address, SECURITY, json={"row_version": 1, "reason": ""})) == {"reason"}
    refused = api.ok("POST", address, SECURITY, json={"row_version": 1, "reason": "编制已满"})
    assert (refused["status"], refused["reason"]) == ("refused", "编制已满")
    for who in (SYSTEM, SECURITY, AUDIT):
        assert api.ok("GET", "/grant-requests?status=refused", who)["items"] == [refused]
    assert approve(api, refused).status_code == 409
    assert "password" not in str(refused)


def test_a_second_factor_is_reset_by_the_security_administrator(api: Api, clock: FixedClock) -> None:
    enrol(api, clock, "jr.handler")
    key = person_id(api, "jr.handler")
    assert api.ok("GET", f"/people/{key}", SECURITY)["second_factor"]
    assert api.post(f"/people/{key}/second-factor/reset", SYSTEM).status_code == 403
    assert api.post(f"/people/{key}/second-factor/reset", SECURITY).status_code == 204
    assert api.post(f"/people/{key}/second-factor/reset", SECURITY).status_code == 404
    assert sign_in(api, "jr.handler", PASSWORD).status_code == 201


def test_people_come_in_pages_and_are_searched(api: Api) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.ok("GET", f"/people?limit=40{cursor}", AUDIT)
        seen += [person["username"] for person in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) > 150
    assert [one["username"] for one in api.ok("GET", "/people?q=YANHU.HANDLER2", SYSTEM)["items"]] == ["yanhu.handler2"]
    assert api.ok("GET", "/people?q=%25", SYSTEM)["items"] == []
    of_jr = api.ok("GET", "/people?agency=JR", SYSTEM)["items"]
    assert {one["appointments"][0]["agency"] for one in of_jr} == {"JR"}


def test_posts_and_agencies_come_in_pages(api: Api) -> None:
    first = api.ok("GET", "/posts?limit=5", AUDIT)
    second = api.ok("GET", f"/posts?limit=5&cursor={first['next']}", AUDIT)
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    handlers = api.ok("GET", "/posts?agency=JR&post=handler", AUDIT)["items"]
    assert [one["holders"][0]["username"] for one in handlers] == ["jr.handler", "jr.handler2"]
    assert "JR" in {one["code"] for one in api.ok("GET", "/agencies?limit=200", AUDIT)["items"]}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"username": "Bad Name"}, "username"),
        ({"username": "jr.handler"}, "username"),
        ({"username": 7}, "username"),
        ({"name": "x" * 61}, "name_zh"),
        ({"name": "a\x00b"}, "name"),
        ({"agency": "NOWHERE"}, "agency"),
        ({"post": "emperor"}, "post"),
        ({"post": "applicant"}, "post"),
        ({"from_on": "2019-10-13"}, "from_on"),
        ({"from_on": "soon"}, "from_on"),
        ({"to_on": "2019-10-13"}, "to_on"),
        ({"is_admin": True}, "is_admin"),
    ],
)
def test_what_is_wrong_with_an_account_is_named(api: Api, changed: dict[str, Any], field: str) -> None:
    assert fields(api.post("/people", SYSTEM, json={**NEW, **changed})) == {field}
    assert api.ok("GET", "/grant-requests", SYSTEM)["items"] == []


@pytest.mark.parametrize("query", ["q=" + "x" * 61, "q=%00", "cursor=", "status=x", "limit=0"])
def test_bad_queries_are_named(api: Api, query: str) -> None:
    path = "/grant-requests" if query.startswith("status") else "/people"
    assert len(fields(api.get(f"{path}?{query}", SYSTEM))) == 1


@pytest.mark.parametrize("address", ["/people", "/people/new", "/people/1", "/posts", "/agencies", "/grants"])
def test_officers_and_applicants_open_no_page_of_the_administrators(visitor: FlaskClient, address: str) -> None:
    enter(visitor, "jr.leader")
    assert visitor.get(address).status_code == 403


def test_an_account_is_asked_for_and_approved_on_the_pages(visitor: FlaskClient, api: Api) -> None:
    enter(visitor, SYSTEM)
    form = {"username": "new.handler", "name_zh": "<b>新人</b>", "agency": "JR", "post": "handler"}
    wrong = post(visitor, "/people/new", "/people/new", **{**form, "username": "x"})
    assert wrong.status_code == 422
    assert "格式不符" in wrong.text
    made = post(visitor, "/people/new", "/people/new", **form)
    password = re.search(r"<code[^>]*>([\w-]{16})</code>", made.text)
    assert password is not None
    assert "&lt;b&gt;新人&lt;/b&gt;" in visitor.get("/grants").text
    assert "/approve" not in visitor.get("/grants").text
    post(visitor, "/logout", "/grants")
    enter(visitor, SECURITY)
    action = re.search(r'action="(/grants/\d+)/approve"', visitor.get("/grants").text)
    assert action is not None
    unsaid = post(visitor, f"{action[1]}/refuse", "/grants", row_version="1", reason=" ")
    assert unsaid.status_code == 422
    assert post(visitor, f"{action[1]}/approve", "/grants", row_version="9").status_code == 302
    assert "内容已由他人更新" in visitor.get("/grants").text
    assert post(visitor, f"{action[1]}/approve", "/grants", row_version="1").status_code == 302
    assert "已批准" in visitor.get("/grants?status=approved").text
    assert sign_in(api, "new.handler", password[1]).status_code == 201


def test_posts_are_given_and_taken_on_the_page_of_a_person(visitor: FlaskClient, api: Api) -> None:
    key = person_id(api, "jr.handler")
    enter(visitor, SYSTEM)
    wrong = post(visitor, f"/people/{key}/appointments", f"/people/{key}", agency="JR", post="handler", from_on="x")
    assert wrong.status_code == 422
    wish = {"agency": "DC", "post": "audit_admin"}
    apart = post(visitor, f"/people/{key}/appointments", f"/people/{key}", **wish)
    assert "三员不得互相兼任" in apart.text
    assert (
        post(visitor, f"/people/{key}/appointments", f"/people/{key}", agency="CZ", post="handler").status_code == 302
    )
    assert "待批准" in visitor.get(f"/people/{key}").text
    action = re.search(r'action="(/people/\d+/appointments/\d+/end)"', visitor.get(f"/people/{key}").text)
    assert action is not None
    assert post(visitor, action[1], f"/people/{key}").status_code == 302
    assert sign_in(api, "jr.handler", PASSWORD).json["code"] == "no-post"
    assert post(visitor, f"/people/{key}/close", f"/people/{key}").status_code == 302
    assert "停用" in visitor.get(f"/people/{key}").text


def test_pages_answer_wild_queries(visitor: FlaskClient) -> None:
    enter(visitor, AUDIT)
    for address in (
        "/people?q=%00",
        f"/people?q={'x' * 5000}",
        "/people?after=%00",
        "/posts?after=99999999999999999999&post=x&agency=%00",
        "/grants?status=x&after=-1",
    ):
        assert visitor.get(address).status_code in (200, 422), address
    assert visitor.get("/people/99999999999").status_code == 404
