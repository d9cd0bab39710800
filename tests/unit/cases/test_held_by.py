"""现在在哪个单位: cases by who holds them now, as far as the reader sees it, found by the open tasks alone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows.agencies.models import Agency
from workflows.cases import CaseQuery, list_cases
from workflows.cases.listed import listed
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def held(office: Office, username: str, holder: str, **asked: Any) -> list[str]:
    found, cursor = [], None
    while True:
        query = CaseQuery(holder=holder, limit=2, cursor=cursor, **asked)
        page = list_cases(
            office.session, query, actor=actor(office.session, username, office.clock), clock=office.clock
        )
        found += [row.no for row in page.items]
        if (cursor := page.next) is None:
            return found


def test_a_case_is_with_whoever_has_an_open_step_of_it(office: Office) -> None:
    joint = office.accept("YHQ", "HEJIN")
    single = office.accept("YHQ")
    waiting = office.open("enterprise-a.applicant", application(issuer(2, "YHQ"))).case_no
    assert held(office, "dc.supervisor", "YHQ") == [single, joint]
    assert held(office, "dc.supervisor", "HEJIN") == [joint]
    assert held(office, "dc.supervisor", "JR") == [waiting]
    office.do("yanhu.handler", "county_verify", "agree", case_no=single)
    assert held(office, "dc.supervisor", "YHQ") == [joint]
    assert held(office, "dc.supervisor", "JR") == [waiting, single]
    assert held(office, "dc.supervisor", "JR", measure="3") == []
    assert held(office, "dc.supervisor", "CZ") == []


def test_who_sees_one_part_is_not_told_where_the_others_are(office: Office) -> None:
    joint = office.accept("YHQ", "HEJIN")
    assert held(office, "hejin.handler", "HEJIN") == [joint]
    assert held(office, "hejin.handler", "YHQ") == []
    assert held(office, "jr.handler", "YHQ") == [joint]
    assert held(office, "yongji.handler", "YHQ") == []
    assert held(office, "enterprise-a.applicant", "YHQ") == [f"{joint}之一", joint]
    assert held(office, "enterprise-b.applicant", "YHQ") == []


def test_words_are_looked_for_among_what_an_agency_holds(office: Office) -> None:
    joint = office.accept("YHQ", "HEJIN")
    for holder, found in (("HEJIN", [joint]), ("JR", [])):
        assert held(office, "dc.supervisor", holder, q="集合票据") == found
    assert held(office, "hejin.handler", "YHQ", q="集合票据") == []


@pytest.mark.parametrize("holder", ["NOBODY", "\x00", "jr"])
def test_no_such_agency_holds_cases(office: Office, holder: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        held(office, "dc.supervisor", holder)
    assert [(error.field, error.code) for error in refused.value.errors] == [("holder", "not-in-list")]


@pytest.mark.parametrize("username", ["dc.supervisor", "jr.handler"])
def test_what_is_held_is_found_by_an_index_of_open_tasks(office: Office, username: str) -> None:
    office.accept("YHQ", "HEJIN")
    session = office.session
    holder = session.scalars(select(Agency.id).where(Agency.code == "YHQ")).one()
    query = listed(actor(session, username, office.clock), before=1_000_000, limit=51, holder=holder)
    asked = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN "
    else:
        explain = "EXPLAIN QUERY PLAN "
    plan = "\n".join(str(row[-1]) for row in session.connection().exec_driver_sql(f"{explain}{asked}"))
    assert "ix_human_task_held" in plan, plan
    assert "SCAN human_task" not in plan, plan
    assert "SCAN case" not in plan, plan
