"""Queues: what is in them, in what order, by what light, and page after page without gap or repeat."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import cases
from workflows.agencies.posts import load_actor
from workflows.cases import CaseQuery, TaskQuery, TaskRow
from workflows.clock import FixedClock, office_date
from workflows.deadlines import Light
from workflows.errors import InvalidInputError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def spread(office: Office, clock: FixedClock, days: int = 9) -> None:
    """A case a day, so that their limits end on different days."""
    for _ in range(days):
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
        clock.advance(timedelta(days=1))


def test_a_task_goes_from_waiting_to_held_to_done(office: Office) -> None:
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    steps = [[len(office.queue("jr.handler", queue)) for queue in ("available", "mine", "done")]]
    task_id = office.take("jr.handler", "formal_check")
    steps.append([len(office.queue("jr.handler", queue)) for queue in ("available", "mine", "done")])
    office.complete("jr.handler", task_id, "accept")
    steps.append([len(office.queue("jr.handler", queue)) for queue in ("available", "mine", "done")])
    assert steps == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert [row.case_no for row in office.queue("enterprise-a.applicant", "started")] == [no]
    assert office.queue("jr.reviewer") == office.queue("jr.clerk") == ()


def test_what_one_started_for_an_agency_stays_with_its_post(office: Office, clock: FixedClock) -> None:
    no = office.open("jr.handler", application(issuer(0, "YHQ"))).case_no
    both = person(office.session, "jr.handler")
    post = make_post(office.session, agency(office.session, "SWJ"), seat=7)
    appoint(office.session, both, post, from_on=office_date(clock.now()))
    elsewhere = load_actor(office.session, both.id, post.id, office_date(clock.now()))
    assert [row.case_no for row in office.queue("jr.handler", "started")] == [no]
    assert cases.list_tasks(office.session, TaskQuery("started"), actor=elsewhere, clock=clock).items == ()


def test_the_most_urgent_comes_first(office: Office, clock: FixedClock) -> None:
    spread(office, clock)
    due = [row.due_at for row in office.queue("jr.handler")]
    assert due == sorted(due)  # type: ignore[type-var]
    assert len(set(due)) > 3


@pytest.mark.parametrize("queue", ["available", "mine", "done", "started"])
def test_each_light_lists_exactly_the_tasks_that_show_it(office: Office, clock: FixedClock, queue: str) -> None:
    spread(office, clock)
    for number, row in enumerate(office.queue("jr.handler")):
        if queue in {"mine", "done"}:
            office.claim("jr.handler", row.id)
        if queue == "done":
            office.complete("jr.handler", row.id, "accept")
        if number == 3:
            office.act(cases.suspend_case, "jr.leader", row.case_no, reason="等待上级答复")
    clock.advance(timedelta(days=40))
    who = "enterprise-a.applicant" if queue == "started" else "jr.handler"
    for _ in range(2):
        everything = office.queue(who, queue, limit=200)
        for light in Light:
            shown = [row.id for row in office.queue(who, queue, light=light, limit=200)]
            assert shown == [row.id for row in everything if row.light is light], light
        clock.advance(timedelta(days=-40))


def test_pages_have_no_gap_and_no_repeat_while_others_come_and_go(office: Office, clock: FixedClock) -> None:
    spread(office, clock, 14)
    who = actor(office.session, "jr.handler", clock)
    wanted = [row.id for row in office.queue("jr.handler", limit=200)]
    seen: list[TaskRow] = []
    cursor = None
    while True:
        page = cases.list_tasks(
            office.session, TaskQuery("available", cursor=cursor, limit=3), actor=who, clock=office.clock
        )
        seen += page.items
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))  # due last of all
        cursor = page.next
        if cursor is None or len(seen) > 60:
            break
    ids = [row.id for row in seen]
    assert ids[: len(wanted)] == wanted
    assert len(ids) == len(set(ids))


def test_case_pages_have_no_gap_and_no_repeat(office: Office, clock: FixedClock) -> None:
    spread(office, clock, 7)
    who = actor(office.session, "jr.handler", clock)
    whole = cases.list_cases(office.session, CaseQuery(), actor=who, clock=clock).items
    numbers: list[str] = []
    cursor = None
    while True:
        page = cases.list_cases(office.session, CaseQuery(cursor=cursor, limit=2), actor=who, clock=clock)
        numbers += [row.no for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert numbers == [row.no for row in whole]


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "é",
        "\x00",
        "====",
        packed("[]"),
        packed("{}"),
        packed('["mine","2019-10-14T02:00:00+00:00",1]'),
        packed('["available","2019-10-14T02:00:00",1]'),
        packed('["available","2019-10-14T02:00:00+00:00",-1]'),
        packed('["available","2019-10-14T02:00:00+00:00",true]'),
        packed('["available","2019-10-14T02:00:00+00:00",9223372036854775808]'),
        packed('["available","2019-10-14T02:00:00+00:00"]'),
        packed('["available",7,7]'),
        packed('["available","0001-01-01T00:00:00+23:59",1]'),
        packed('["available","9999-12-31T23:59:59-23:59",1]'),
        packed("[" * 5000),
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(office: Office, cursor: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        office.queue("jr.handler", cursor=cursor)
    assert [error.field for error in refused.value.errors] == ["cursor"]


@pytest.mark.parametrize(
    "q", ["%", "_", "\\", "运债补〔2019〕1号", "发行人", "'; DROP TABLE human_task; --", "\x00", "\ud800"]
)
def test_a_search_takes_any_text_literally(office: Office, q: str) -> None:
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    wanted = [no] if q in no or q in "发行人1有限公司" else []
    assert [row.case_no for row in office.queue("jr.handler", q=q)] == wanted
    who = actor(office.session, "jr.handler", office.clock)
    found = cases.list_cases(office.session, CaseQuery(q=q), actor=who, clock=office.clock).items
    assert [row.no for row in found] == wanted


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_has_between_one_and_two_hundred_rows(office: Office, limit: int) -> None:
    who = actor(office.session, "jr.handler", office.clock)
    with pytest.raises(InvalidInputError):
        office.queue("jr.handler", limit=limit)
    for service in (cases.list_notices,):
        with pytest.raises(InvalidInputError):
            service(office.session, actor=who, limit=limit)
    with pytest.raises(InvalidInputError):
        cases.list_incidents(office.session, actor=actor(office.session, "admin.system", office.clock), limit=limit)
