"""Who may call what: every route, as every kind of post of three agencies, applicants and the three administrators.

The cases come from the address map itself, so a new route is held by these tests from its first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.api.conftest import ROOT, Api
from webapp.api.access import Open
from webapp.api.endpoint import ROUTE, Route
from webapp.api.setup import UNDECLARED
from workflows.permissions import GRANTS, Permission, PostKind

ACTORS = {
    **{
        f"{agency}.{post}": PostKind(post.rstrip("2"))
        for agency in ("jr", "cz", "yanhu")
        for post in ("clerk", "handler", "handler2", "reviewer", "leader")
    },
    "enterprise-a.applicant": PostKind.APPLICANT,
    "enterprise-b.applicant": PostKind.APPLICANT,
    "bank-a.applicant": PostKind.APPLICANT,
    "dc.supervisor": PostKind.SUPERVISOR,
    "admin.system": PostKind.SYSTEM_ADMIN,
    "admin.security": PostKind.SECURITY_ADMIN,
    "admin.audit": PostKind.AUDIT_ADMIN,
    "pjr.system": PostKind.INTEGRATION,
}


def routes_of(app: Flask) -> Iterator[tuple[Rule, Route | None]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(ROOT) and rule.endpoint not in UNDECLARED:
            yield rule, getattr(app.view_functions[rule.endpoint], ROUTE, None)


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    undeclared = [rule.rule for rule, route in routes_of(app) if route is None]
    assert undeclared == []
    assert len(list(routes_of(app))) >= 40


def test_only_signing_in_is_open_to_everybody(app: Flask) -> None:
    opened = {rule.rule for rule, route in routes_of(app) if route and route.access is Open.EVERYBODY}
    assert opened == {f"{ROOT}/tokens"}
    signed_in = {rule.rule for rule, route in routes_of(app) if route and route.access is Open.SIGNED_IN}
    assert signed_in == {
        f"{ROOT}/tokens/current",
        f"{ROOT}/me",
        f"{ROOT}/calendar/deadline",
        f"{ROOT}/calendar/versions",
    }
    own = {rule.rule for rule, route in routes_of(app) if route and route.access is Open.ACCOUNT}
    assert own
    assert all(rule.startswith(f"{ROOT}/me/") for rule in own)


def test_a_route_without_a_declaration_stops_the_start(app: Flask) -> None:
    from webapp.api.setup import _require_declarations

    bare = Flask("bare")
    bare.add_url_rule(f"{ROOT}/forgotten", "forgotten", lambda: "open to all")
    with pytest.raises(RuntimeError, match="forgotten"):
        _require_declarations(bare)


def test_nobody_gets_anything_without_a_token(api: Api, app: Flask) -> None:
    for rule, route in routes_of(app):
        assert route is not None
        if route.access is Open.EVERYBODY:
            continue
        answer = api.call(route.method, _address(rule, "1", "运债补〔2019〕1号"))
        assert (answer.status_code, answer.json["code"]) == (401, "session-expired"), rule.rule


def test_each_post_may_do_what_it_is_granted_and_no_more(api: Api, app: Flask) -> None:
    """403 where the post lacks the permission; to outsiders never 403 otherwise, and never a failure to anybody."""
    number = api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    wrong = []
    for rule, route in routes_of(app):
        assert route is not None
        if route.method == "DELETE" or not isinstance(route.access, Permission):
            continue
        for who, kind in ACTORS.items():
            answer = api.call(route.method, _address(rule, str(task), number), who)
            granted = route.access in GRANTS[kind]
            # In its own agency a post may know of the task and still not be the one that does it.
            may_be_told = granted and who.startswith("jr.") and "<key:task_id>" in rule.rule
            if answer.status_code >= 500 or (not may_be_told and (answer.status_code == 403) is granted):
                wrong.append((who, route.method, rule.rule, answer.status_code))
    # Reading a draft is for those two who work on it, though every post may read what is published.
    wrong = [found for found in wrong if not found[2].endswith("/check")]
    assert wrong == []


def test_a_case_is_found_only_by_those_it_has_reached(api: Api, app: Flask) -> None:
    number = api.open()
    task = api.task("jr.handler", "formal_check")["id"]
    insiders = {who for who in ACTORS if who.startswith("jr.")} | {"enterprise-a.applicant", "dc.supervisor"}
    for rule, route in routes_of(app):
        assert route is not None
        concerns_the_case = "<case_no:" in rule.rule or "<key:task_id>" in rule.rule
        if not concerns_the_case or route.method != "GET":
            continue
        for who in ACTORS:
            status = api.get(_address(rule, str(task), number), who).status_code
            if who not in insiders:
                assert status in (403, 404), (who, rule.rule, status)
            elif (
                who.startswith("jr.")
                and (not isinstance(route.access, Permission) or route.access in GRANTS[ACTORS[who]])
                and not ({"document_id", "notice_id"} & rule.arguments)
                and "return-targets" not in rule.rule
            ):
                assert status == 200, (who, rule.rule, status)


def test_what_another_agency_has_looks_like_what_does_not_exist(api: Api) -> None:
    number = api.open()
    hidden = api.get(f"/cases/{quote(number)}", "cz.handler")
    absent = api.get(f"/cases/{quote('运债补〔2019〕99号')}", "cz.handler")
    assert (hidden.status_code, hidden.json) == (absent.status_code, absent.json)


def _of_something_else(rule: Rule) -> bool:
    """What the case need not have, or has not at this step."""
    return bool({"document_id", "notice_id"} & rule.arguments) or "return-targets" in rule.rule


def _address(rule: Rule, key: str, number: str) -> str:
    nobody = {"person_id": "999999", "appointment_id": "999999"}
    values = {"task_id": key, "no": number, "key": "bond_subsidy", **nobody}
    built = rule.rule.removeprefix(ROOT)
    for name in rule.arguments:
        converter = rule._converters[name]
        given = values.get(name, "1")
        built = built.replace(f"<{_name_of(converter)}:{name}>", quote(given))
    return built


def _name_of(converter: object) -> str:
    from webapp.api.converters import CONVERTERS

    return next(name for name, kind in CONVERTERS.items() if type(converter) is kind)
