"""The light of a case is that of the task that is due first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from workflows import cases
from workflows.clock import FixedClock
from workflows.deadlines import Light


def lights(office: Office, case_no: str) -> tuple[Light, Light]:
    """Of the case and of its one open task."""
    detail = office.act(cases.get_case, "jr.handler", case_no)
    return detail.row.light, detail.open_tasks[0].light


def test_a_case_turns_amber_by_the_length_of_its_present_limit(session: Session, clock: FixedClock) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    case_no = office.accept("YHQ")
    office.verify(case_no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意申报")

    assert lights(office, case_no) == (Light.GREEN, Light.GREEN)
    clock.advance(timedelta(days=1))
    assert lights(office, case_no) == (Light.AMBER, Light.AMBER)
    clock.advance(timedelta(days=2))
    assert lights(office, case_no) == (Light.RED, Light.RED)


def test_a_case_is_as_late_as_its_latest_child(session: Session, clock: FixedClock) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    case_no = office.accept("YHQ", "HEJIN")
    clock.advance(timedelta(days=9))

    assert office.act(cases.get_case, "jr.handler", case_no).row.light is Light.RED


def test_a_case_that_waits_for_the_province_is_grey(session: Session, clock: FixedClock) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    case_no = office.filed("YHQ")
    clock.advance(timedelta(days=60))

    row = office.act(cases.get_case, "jr.handler", case_no).row
    assert row.due_at is None
    assert row.light is Light.GREY
    assert office.find("pjr.handler", "recognise").light is Light.GREY
