"""The deployment's rules are changed by two persons: held by the services, and by the database whoever writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.org import actor, person
from tests.factories.ruled import drafted, entries, ruled, set_rules, task_of, told, vacate
from workflows.cases.assignment.changes import list_changes
from workflows.cases.assignment.changing import (
    approve_change,
    may_decide,
    reject_change,
    request_change,
    withdraw_change,
)
from workflows.cases.assignment.defaults import current_defaults, read_defaults
from workflows.cases.assignment.tables import AssignmentChange, AssignmentDefault
from workflows.clock import FixedClock
from workflows.errors import (
    ConcurrencyError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SamePersonError,
    StateConflictError,
)
from workflows.permissions import Actor, PostKind

REFUSE = dict.fromkeys(("nobody", "same_person", "applicant"), "refuse")
HIGHER = {**REFUSE, "nobody": "next_superior"}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    session.commit()
    return Office(session, clock)


def asked(office: Office) -> int:
    return office.act(request_change, "admin.system", HIGHER, note="县区人手少", number=0).id


def as_security(office: Office, username: str, **changes: Any) -> Actor:
    """Somebody who has become security administrator since."""
    return replace(actor(office.session, username, office.clock), post_kind=PostKind.SECURITY_ADMIN, **changes)


def test_nothing_is_in_force_before_another_person_approves(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    key = asked(office)
    who = actor(office.session, "jr.handler", office.clock)
    assert read_defaults(office.session, actor=who).number == 0
    approved = office.act(approve_change, "admin.security", key)
    assert (approved.number, approved.before, approved.after) == (1, REFUSE, HIGHER)
    assert approved.changed() == ("nobody",)
    now = read_defaults(office.session, actor=who)
    assert (now.number, now.rules, now.note) == (1, HIGHER, "县区人手少")
    assert [each and each.code for each in (now.requested_by, now.set_by)] == ["admin.system", "admin.security"]
    vacate(office, "jr.reviewer")
    drafted(office)
    task = task_of(office, "section_review")
    assert (task.post_kind, task.rule["source"], task.rule["version"]) == ("leader", "deployment", 1)


def test_each_act_leaves_its_entry(office: Office) -> None:
    facts = {"replaces": 0, "before": REFUSE, **HIGHER, "note": "县区人手少", "requested_by": "admin.system"}
    first = asked(office)
    office.act(reject_change, "admin.security", first, reason="先补人")
    second = asked(office)
    office.act(withdraw_change, "admin.system", second, reason="写错了")
    third = asked(office)
    office.act(approve_change, "admin.security", third)
    found = {
        event: entries(office, f"assignment-rules.{event}") for event in ("requested", "rejected", "withdrawn", "set")
    }
    assert [entry.payload for entry in found["requested"]] == [
        {"change": key, **facts} for key in (first, second, third)
    ]
    assert [entry.payload for entry in found["rejected"]] == [{"change": first, **facts, "reason": "先补人"}]
    assert [entry.payload for entry in found["withdrawn"]] == [{"change": second, **facts, "reason": "写错了"}]
    assert [entry.payload for entry in found["set"]] == [{"change": third, **facts, "number": 1}]
    assert found["set"][0].person_id == person(office.session, "admin.security").id


def test_the_others_are_told(office: Office) -> None:
    key = asked(office)
    assert told(office, "admin.security")[0] == "rules_requested"
    office.act(approve_change, "admin.security", key)
    assert told(office, "admin.system")[0] == "rules_approved"


def test_whoever_asked_decides_in_no_other_post_and_nobody_for_them(office: Office) -> None:
    key = asked(office)
    asker = person(office.session, "admin.system").id
    for who in (
        as_security(office, "admin.system"),
        as_security(office, "admin.security", on_behalf_of=asker),
    ):
        (waiting,) = list_changes(office.session, actor=who).items
        assert not may_decide(waiting, who)
        with pytest.raises(SamePersonError):
            approve_change(office.session, key, actor=who, clock=office.clock)
        with pytest.raises(SamePersonError):
            reject_change(office.session, key, reason="不妥", actor=who, clock=office.clock)
    assert current_defaults(office.session).number == 0


def test_whom_the_asker_stood_in_for_does_not_decide(office: Office) -> None:
    principal = person(office.session, "admin.security").id
    deputy = replace(actor(office.session, "admin.system", office.clock), on_behalf_of=principal)
    change = request_change(office.session, HIGHER, note="代为申请", number=0, actor=deputy, clock=office.clock)
    with pytest.raises(SamePersonError):
        office.act(approve_change, "admin.security", change.id)


def test_only_administrators_ask_decide_and_look(office: Office) -> None:
    for username in ("admin.security", "admin.audit", "jr.leader", "enterprise-a.applicant"):
        with pytest.raises(PermissionDeniedError):
            office.act(request_change, username, HIGHER, note="原因", number=0)
    key = asked(office)
    for username in ("admin.system", "admin.audit", "jr.leader", "enterprise-a.applicant"):
        with pytest.raises(PermissionDeniedError):
            office.act(approve_change, username, key)
        with pytest.raises(PermissionDeniedError):
            office.act(reject_change, username, key, reason="不妥")
    with pytest.raises(PermissionDeniedError):
        office.act(withdraw_change, "admin.security", key, reason="不妥")
    for username in ("jr.leader", "dc.supervisor", "enterprise-a.applicant"):
        with pytest.raises(PermissionDeniedError):
            list_changes(office.session, actor=actor(office.session, username, office.clock))


def test_what_is_decided_stays_so(office: Office) -> None:
    key = asked(office)
    office.act(reject_change, "admin.security", key, reason="先补人")
    for act, username, given in (
        (approve_change, "admin.security", {}),
        (reject_change, "admin.security", {"reason": "又"}),
        (withdraw_change, "admin.system", {"reason": "又"}),
    ):
        with pytest.raises(StateConflictError):
            office.act(act, username, key, **given)
        with pytest.raises(NotFoundError):
            office.act(act, username, 999, **given)


def test_one_change_waits_at_a_time_and_over_the_rules_in_force(office: Office) -> None:
    key = asked(office)
    with pytest.raises(StateConflictError):
        asked(office)
    office.act(approve_change, "admin.security", key)
    with pytest.raises(ConcurrencyError):
        asked(office)
    with pytest.raises(InvalidInputError) as nothing:
        office.act(request_change, "admin.system", HIGHER, note="不变", number=1)
    assert [each.code for each in nothing.value.errors] == ["changes-nothing"]


@pytest.mark.parametrize(
    ("changes", "note", "wrong"),
    [
        ({"nobody": "ignore"}, "原因", ["nobody"]),
        ({"applicant": None}, "原因", ["applicant"]),
        ({}, " ", ["note"]),
        ({}, "长" * 201, ["note"]),
        ({}, "\x00", ["note"]),
    ],
)
def test_rules_that_are_none_are_refused_by_name(
    office: Office, changes: dict[str, Any], note: str, wrong: list[str]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        office.act(request_change, "admin.system", {**HIGHER, **changes}, note=note, number=0)
    assert [each.field for each in refused.value.errors] == wrong


# ── the database, whoever writes ──────────────────────────────────────────────────────────────────


def refuses(office: Office, statement: str, said: str, **given: Any) -> None:
    with pytest.raises(DBAPIError, match=said):
        office.session.execute(text(statement), given)
    office.session.rollback()


APPROVE = "UPDATE assignment_change SET status = 'approved', number = 1, decided_by = :who, decided_for = :whose"
SET = (
    "INSERT INTO assignment_default (number, nobody, same_person, applicant, note, set_at, set_by_person_id) "
    "VALUES (:number, :nobody, 'refuse', 'refuse', 'x', '2019-10-14 02:00:00', :who)"
)


def test_the_database_takes_no_approval_by_the_asker_or_for_them(office: Office) -> None:
    asked(office)
    asker, other = (person(office.session, name).id for name in ("admin.system", "admin.security"))
    office.session.commit()
    two = "(?i)check constraint"
    refuses(office, APPROVE, two, who=asker, whose=None)
    refuses(office, APPROVE, two, who=other, whose=asker)
    refuses(office, APPROVE, two, who=None, whose=None)
    refuses(office, "UPDATE assignment_change SET status = 'rejected', decided_by = :who", two, who=other)
    office.session.execute(text(APPROVE), {"who": other, "whose": None})


def test_the_database_sets_no_rules_that_two_have_not_agreed_on(office: Office) -> None:
    asked(office)
    asker, other = (person(office.session, name).id for name in ("admin.system", "admin.security"))
    office.session.commit()
    two = "two persons agreed on"
    refuses(office, SET, two, number=1, nobody="next_superior", who=other)
    office.session.execute(text(APPROVE), {"who": other, "whose": None})
    office.session.commit()
    refuses(office, SET, two, number=1, nobody="pass_with_record", who=other)
    refuses(office, SET, two, number=1, nobody="next_superior", who=asker)
    refuses(office, SET, two, number=2, nobody="next_superior", who=other)
    office.session.execute(text(SET), {"number": 1, "nobody": "next_superior", "who": other})


def test_the_database_lets_nobody_rewrite_what_was_asked_or_decided(office: Office) -> None:
    final, grows = "its decision is final", "only added to"
    key = asked(office)
    refuses(office, "UPDATE assignment_change SET nobody = 'pass_with_record'", final)
    refuses(office, "UPDATE assignment_change SET requested_by = requested_by + 1", final)
    office.act(approve_change, "admin.security", key)
    refuses(office, "UPDATE assignment_change SET reason = 'x'", final)
    refuses(office, "DELETE FROM assignment_change", final)
    refuses(office, "UPDATE assignment_default SET nobody = 'refuse'", grows)
    refuses(office, "DELETE FROM assignment_default", grows)
    if office.session.get_bind().dialect.name == "postgresql":
        refuses(office, "TRUNCATE assignment_change", final)
        refuses(office, "TRUNCATE assignment_default", grows)
    taken = (
        "INSERT INTO assignment_change (replaces, nobody, same_person, applicant, note, status, requested_by, "
        "requested_at, decided_by, reason, number) SELECT 1, 'refuse', 'refuse', 'refuse', 'x', 'approved', "
        "requested_by, requested_at, decided_by, '', 2 FROM assignment_change"
    )
    refuses(office, taken, "first asked for")


def test_each_change_is_a_version_of_its_own(office: Office) -> None:
    assert set_rules(office, HIGHER) == 1
    assert set_rules(office, REFUSE) == 2
    assert office.session.scalar(select(func.count()).select_from(AssignmentDefault)) == 2
    assert office.session.scalar(select(func.count()).select_from(AssignmentChange)) == 2
