"""指派 reaches what a subordinate has in hand: it goes to another, both are told, and the steps apart stay apart."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import audit, cases
from workflows.cases.notifications import list_notifications
from workflows.clock import FixedClock
from workflows.errors import (
    ApplicantDecidesError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    StateConflictError,
    TaskAlreadyClaimedError,
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def task_id(office: Office) -> int:
    """A formal check in the hands of JR's first handler."""
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    return office.take("jr.handler", "formal_check")


def told(office: Office, username: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.kind for row in list_notifications(office.session, actor=who, clock=office.clock).items]


def test_a_head_sees_what_handlers_have_in_hand_and_gives_it_to_another(office: Office, task_id: int) -> None:
    for head in ("jr.reviewer", "jr.leader"):
        assert [(row.id, row.verbs) for row in office.queue(head, "team")] == [(task_id, ("assign",))]
    row = office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.handler2", reason="出差")
    assert row.assignee == "经办人乙"
    assert told(office, "jr.handler") == ["taken_away"]
    assert told(office, "jr.handler2") == ["assigned"]
    assert office.queue("jr.handler", "mine") == ()
    office.complete("jr.handler2", task_id, "accept")
    assert audit.verify(office.session).ok


def test_others_see_and_do_nothing_of_the_kind(office: Office, task_id: int) -> None:
    for username in ("jr.handler", "jr.handler2", "jr.clerk", "cz.reviewer"):
        assert office.queue(username, "team") == ()
    with pytest.raises(PermissionDeniedError):
        office.act(cases.assign_task, "jr.handler2", task_id, to_username="jr.handler2")
    with pytest.raises(NotFoundError):
        office.act(cases.assign_task, "cz.reviewer", task_id, to_username="cz.handler")


def test_a_section_head_takes_nothing_out_of_a_heads_hands(office: Office) -> None:
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    review = office.take("jr.reviewer", "section_review")
    assert office.queue("jr.reviewer", "team") == ()
    assert [row.id for row in office.queue("jr.leader", "team")] == [review]
    office.complete("jr.reviewer", review, "agree")
    leading = office.take("jr.leader", "leader_approval")
    with pytest.raises(TaskAlreadyClaimedError):
        office.act(cases.assign_task, "jr.reviewer", leading, to_username="jr.leader")


def test_whoever_has_it_is_not_given_it_again(office: Office, task_id: int) -> None:
    with pytest.raises(InvalidInputError) as refused:
        office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.handler")
    assert [(each.field, each.code) for each in refused.value.errors] == [("to", "holds-it")]


def test_a_part_that_is_away_comes_back_first(office: Office, task_id: int) -> None:
    office.act(cases.delegate_task, "jr.handler", task_id, to_username="jr.handler2", reason="请核对")
    assert office.queue("jr.reviewer", "team") == ()
    with pytest.raises((TaskAlreadyClaimedError, StateConflictError)):
        office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.handler2")


def test_nobody_is_given_what_they_applied_for(office: Office) -> None:
    office.open("jr.handler", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler2", "formal_check")
    with pytest.raises(ApplicantDecidesError):
        office.act(cases.assign_task, "jr.reviewer", task_id, to_username="jr.handler")
