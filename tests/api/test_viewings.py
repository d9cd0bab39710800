"""Who opened a case, a paper or an official document is noted, and told to those who watch over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from tests.api.conftest import Api, fields
from tests.api.pages import enter, token_of
from tests.api.test_documents import DOCX, PDF, upload
from webapp.database import db
from workflows.agencies.models import Person
from workflows.cases.viewings.tables import Viewing
from workflows.clock import FixedClock

OFFICER, APPLICANT = "jr.handler", "enterprise-a.applicant"


@pytest.fixture
def no(api: Api) -> str:
    number = api.open()
    api.do(OFFICER, "formal_check", "accept", case_no=number)
    return number


def paper(api: Api, no: str, content: bytes = PDF, name: str = "证明.pdf") -> int:
    answer = upload(api, no, content, name)
    assert answer.json is not None
    return int(answer.json["id"])


def notice(api: Api, no: str) -> int:
    return int(api.ok("GET", f"/cases/{quote(no)}/notices", "dc.supervisor")["items"][-1]["id"])


def noted(api: Api, no: str, **filters: str) -> list[dict[str, Any]]:
    """What the auditor finds of a case, oldest first, the supervisor's own looking at it left out."""
    found = api.ok("GET", "/audit/viewings", "admin.audit", query_string={"case": no, **filters})["items"]
    return [item for item in reversed(found) if item["username"] != "dc.supervisor"]


def facts(items: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(item["username"], item["kind"], item["item_id"], item["version"], item["way"]) for item in items]


def test_the_api_notes_papers_looked_at_and_downloaded(api: Api, no: str, clock: FixedClock) -> None:
    key = paper(api, no)
    before = len(noted(api, no))
    assert api.get(f"/cases/{quote(no)}/documents/{key}/preview", OFFICER).data == PDF
    assert api.get(f"/cases/{quote(no)}/documents/{key}", APPLICANT).data == PDF
    found = noted(api, no)[before:]
    assert facts(found) == [(OFFICER, "paper", key, 1, "shown"), (APPLICANT, "paper", key, 1, "downloaded")]
    assert (found[0]["case_no"], found[0]["agency"]["code"], found[0]["post"]) == (no, "JR", "handler")
    assert found[0]["at"] == clock.now().isoformat().replace("+00:00", "Z")
    assert found[0]["on_behalf_of"] is None


def test_the_pages_note_the_same(api: Api, no: str) -> None:
    key, document = paper(api, no), notice(api, no)
    before = len(noted(api, no))
    browser = api.client.application.test_client()
    enter(browser, "jr.leader")
    case = f"/cases/{quote(no)}"
    for address in (case, f"{case}?tab=materials", f"{case}/slip", f"{case}/documents/{key}/preview"):
        assert browser.get(address).status_code == 200
    for address in (f"{case}/documents/{key}/content", f"{case}/documents/{key}"):
        assert browser.get(address).data == PDF
    for address in (f"{case}/notices/{document}", f"{case}/notices/{document}.pdf", f"{case}/approval"):
        assert browser.get(address).status_code == 200
    assert [each[1:] for each in facts(noted(api, no)[before:])] == [
        ("case", None, None, "shown"),
        ("paper", key, 1, "shown"),
        ("paper", key, 1, "downloaded"),
        ("notice", document, None, "shown"),
        ("notice", document, None, "downloaded"),
        ("approval", None, None, "shown"),
    ]


def test_the_api_notes_cases_tasks_and_official_documents(api: Api, no: str) -> None:
    document, before = notice(api, no), len(noted(api, no))
    case = f"/cases/{quote(no)}"
    task = api.task("yanhu.handler", "county_verify", case_no=no)["id"]
    api.ok("GET", f"/tasks/{task}", "yanhu.handler")
    for path in (case, f"{case}/notices/{document}", f"{case}/approval"):
        api.ok("GET", path, "jr.reviewer")
    assert api.get(f"{case}/notices/{document}.docx", "jr.reviewer").status_code == 200
    assert facts(noted(api, no)[before:]) == [
        ("yanhu.handler", "case", None, None, "shown"),
        ("jr.reviewer", "case", None, None, "shown"),
        ("jr.reviewer", "notice", document, None, "shown"),
        ("jr.reviewer", "approval", None, None, "shown"),
        ("jr.reviewer", "notice", document, None, "downloaded"),
    ]


def test_the_same_again_is_noted_after_some_minutes(api: Api, no: str, clock: FixedClock) -> None:
    key = paper(api, no)
    path, before = f"/cases/{quote(no)}/documents/{key}/preview", len(noted(api, no))
    for minutes in (0, 2, 2, 2):
        clock.advance(timedelta(minutes=minutes))
        assert api.get(path, OFFICER).status_code == 200
    assert len(noted(api, no)) - before == 2


def test_what_was_not_given_is_not_noted(api: Api, no: str) -> None:
    key, word = paper(api, no), paper(api, no, DOCX, "证明.docx")
    before = len(noted(api, no))
    case = f"/cases/{quote(no)}/documents"
    assert api.get(f"{case}/{word}/preview", OFFICER).status_code == 404
    assert api.get(f"{case}/{key}", "yongji.handler").status_code == 404
    assert api.call("HEAD", f"{case}/{key}", OFFICER).status_code == 200
    assert len(noted(api, no)) == before


def test_who_stands_in_is_noted_with_whom_for(api: Api, no: str) -> None:
    days = {"from_on": "2019-10-14", "to_on": "2019-10-18"}
    made = api.ok("POST", "/delegations", OFFICER, json={"to": "jr.handler2", **days})
    acting = {"X-Acting-Post": str(made["post_id"])}
    assert api.get(f"/cases/{quote(no)}", "jr.handler2", headers=acting).status_code == 200
    last = noted(api, no)[-1]
    assert (last["username"], last["post"]) == ("jr.handler2", "handler")
    assert last["on_behalf_of"] == api.ok("GET", "/me", OFFICER)["person"]["name"]


def test_filters_and_pages(api: Api, no: str, clock: FixedClock) -> None:
    other = api.open()
    for who in ("jr.leader", "jr.reviewer", OFFICER):
        api.ok("GET", f"/cases/{quote(no)}", who)
        api.ok("GET", f"/cases/{quote(other)}", who)
    day = clock.now().date().isoformat()
    clock.advance(timedelta(days=1))
    api.tokens.clear()
    api.ok("GET", f"/cases/{quote(no)}", "jr.leader")
    asked = [(item["case_no"], item["at"][:10]) for item in noted(api, no, person="jr.leader")]
    assert asked == [(no, day), (no, clock.now().date().isoformat())]
    assert [item["at"][:10] for item in noted(api, no, person="jr.leader", to_on=day)] == [day]
    assert noted(api, no, person="jr.leader", from_on="2019-10-16") == []
    assert noted(api, no, person="nobody") == []
    whole = api.ok("GET", "/audit/viewings", "admin.audit")["items"]
    parts, cursor = [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = api.ok("GET", "/audit/viewings", "admin.audit", query_string=query)
        parts += page["items"]
        if (cursor := page["next"]) is None:
            break
    assert parts == whole
    assert {item["case_no"] for item in whole} == {no, other}


def test_strange_filters_are_named(api: Api, no: str) -> None:
    wrong = {
        "from_on=2019-13-01": "from_on",
        "from_on=2019-10-02&to_on=2019-10-01": "to_on",
        "cursor=x": "cursor",
        "limit=0": "limit",
    }
    for query, field in wrong.items():
        assert fields(api.get(f"/audit/viewings?{query}", "admin.audit")) == {field}, query
    for query in ("from_on=0001-01-01&to_on=9999-12-31", "to_on=0001-01-01", "person=%27"):
        assert api.get(f"/audit/viewings?{query}", "admin.audit").status_code == 200, query
    assert api.get("/audit/viewings?case=none", "admin.audit").status_code == 404


def test_the_auditor_is_shown_no_names_of_papers(api: Api, no: str) -> None:
    key = paper(api, no, name="张三的身份证.pdf")
    assert api.get(f"/cases/{quote(no)}/documents/{key}", OFFICER).status_code == 200
    assert "张三" not in api.get(f"/audit/viewings?case={quote(no)}", "admin.audit").text
    found = api.ok("GET", f"/cases/{quote(no)}/viewings", "dc.supervisor")["items"]
    assert next(item["name"] for item in found if item["kind"] == "paper") == "张三的身份证.pdf"


@pytest.mark.parametrize("who", [OFFICER, "jr.leader", APPLICANT, "admin.system", "admin.security"])
def test_nobody_else_reads_it(api: Api, no: str, who: str) -> None:
    assert api.get(f"/cases/{quote(no)}/viewings", who).status_code == 403
    assert api.get("/audit/viewings", who).status_code == 403


def test_the_two_read_it_each_in_their_place(api: Api, no: str) -> None:
    assert api.get("/audit/viewings", "dc.supervisor").status_code == 403
    assert api.get(f"/cases/{quote(no)}/viewings", "admin.audit").status_code == 403


def test_the_page_of_the_auditor(api: Api, no: str) -> None:
    key = paper(api, no, name="张三的身份证.pdf")
    assert api.get(f"/cases/{quote(no)}/documents/{key}", OFFICER).status_code == 200
    browser = api.client.application.test_client()
    enter(browser, "admin.audit")
    text_ = browser.get(f"/audit/viewings?no={quote(no)}&who={OFFICER}").text
    assert OFFICER in text_
    assert "下载" in text_
    assert f"编号{key}，第1版" in text_
    assert "张三" not in text_
    assert "没有这个编号的办件" in browser.get("/audit/viewings?no=none").text
    assert "没有符合条件的阅览记录" in browser.get("/audit/viewings?who=nobody").text
    wrong = browser.get("/audit/viewings?from_on=x")
    assert 'value="x"' not in wrong.text
    assert wrong.status_code == 422
    assert "日期应为年-月-日" in wrong.text
    assert browser.get("/audit/viewings?cursor=x").status_code == 422
    assert f"/audit/viewings?no={quote(no)}" in browser.get(f"/audit/readers?no={quote(no)}").text


def test_the_page_of_supervision(api: Api, no: str) -> None:
    key = paper(api, no)
    assert api.get(f"/cases/{quote(no)}/documents/{key}", OFFICER).status_code == 200
    browser = api.client.application.test_client()
    enter(browser, "dc.supervisor")
    address = f"/cases/{quote(no)}/viewings"
    assert address in browser.get(f"/cases/{quote(no)}/readers").text
    assert "证明.pdf" in browser.get(address).text
    assert browser.get("/cases/none/viewings").status_code == 404


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Somebody else writes all the while."""
    statement = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "LOCK TABLE viewing IN EXCLUSIVE MODE"
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]
        else:
            connection.execute(text(statement))
        yield
        connection.connection.rollback()


def test_what_cannot_be_noted_is_given_all_the_same(
    app: Flask, api: Api, no: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.viewings.PATIENCE_MS", 50)
    key = paper(api, no)
    api.token(OFFICER)
    before = len(noted(api, no))
    with locked(engine), capture_logs() as logs:
        assert api.get(f"/cases/{quote(no)}/documents/{key}", OFFICER).data == PDF
    said = [entry for entry in logs if entry["event"] == "viewing-not-noted"]
    with app.app_context():
        person = db.session.scalars(select(Person.id).where(Person.username == OFFICER)).one()
    assert [(entry["person"], entry["case"], entry["item"]) for entry in said] == [(person, no, key)]
    assert len(noted(api, no)) == before


def test_reading_waits_for_no_act_on_the_case(app: Flask, api: Api, no: str, engine: Engine) -> None:
    held = ('SELECT 1 FROM "case"', "SELECT 1 FROM audit_chain", "SELECT 1 FROM person")
    one_at_a_time = engine.dialect.name == "sqlite"  # whatever is written: there nothing but the database is locked
    key = paper(api, no)
    api.token(OFFICER)
    with engine.connect() as connection:  # holds what every act holds: the case, and the head of each chain
        for statement in held:
            connection.execute(text(statement if one_at_a_time else f"{statement} FOR UPDATE"))
        with capture_logs() as logs:
            assert api.get(f"/cases/{quote(no)}/documents/{key}", OFFICER).data == PDF
        assert not [entry for entry in logs if entry["event"] == "viewing-not-noted"]
        connection.rollback()
    with app.app_context():
        count = select(func.count()).select_from(Viewing).where(Viewing.kind == "paper")
        assert db.session.scalar(count) == 1


@pytest.mark.parametrize("verb", ["UPDATE viewing SET person_id = 1", "DELETE FROM viewing"])
def test_the_database_refuses_to_change_or_delete_it(api: Api, no: str, engine: Engine, verb: str) -> None:
    api.ok("GET", f"/cases/{quote(no)}", OFFICER)
    truncate = ["TRUNCATE viewing"] if engine.dialect.name == "postgresql" else []
    for statement in (verb, *truncate):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement))
    assert noted(api, no)


def test_a_page_shown_again_after_a_refusal_is_noted_too(app: Flask, api: Api) -> None:
    number = api.open()
    browser = app.test_client()
    enter(browser, "jr.handler")
    answer = browser.post(f"/cases/{number}/withdraw", data={"reason": "", "csrf_token": token_of(browser.get("/me"))})
    assert answer.status_code == 422
    noted = api.ok("GET", f"/cases/{quote(number)}/viewings", "dc.supervisor")["items"]
    assert [line["kind"] for line in noted] == ["case"]
