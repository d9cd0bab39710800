"""A step that nobody may be offered: refused, passed with a record, or offered higher, once, as the rule says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor, agency, appoint, make_person, make_post, person
from tests.factories.ruled import also, drafted, entries, open_incidents, ruled, set_rules, task_of, told, vacate
from workflows import audit, cases
from workflows.agencies.deputies import load_acting
from workflows.agencies.models import Appointment, Post
from workflows.cases import CompleteTask
from workflows.clock import FixedClock
from workflows.errors import (
    ApplicantDecidesError,
    PermissionDeniedError,
    SamePersonError,
    StateConflictError,
)
from workflows.permissions import PostKind

MONDAY = date(2019, 10, 14)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


# ── nobody there ──────────────────────────────────────────────────────────────────────────────────


def test_without_a_rule_an_empty_post_is_refused_and_said_to_whoever_can_mend_it(
    office: Office, tmp_path: Path
) -> None:
    ruled(office, tmp_path, {})
    vacate(office, "jr.reviewer")
    no = drafted(office)
    task = task_of(office, "section_review")
    assert (task.status, task.post_kind) == ("ready", "reviewer")
    assert task.rule == {
        "cause": "nobody",
        "rule": "refuse",
        "asked": "refuse",
        "source": "deployment",
        "version": 0,
        "persons": [],
        "post_kind": "reviewer",
        "offered_to": None,
    }
    (row,) = cases.list_incidents(office.session, actor=actor(office.session, "admin.system", office.clock)).items
    assert (row.case_no, row.node_id) == (no, "section_review")
    assert row.rule is not None
    assert (row.rule.cause, row.rule.rule) == ("nobody", "refuse")
    assert told(office, "jr.leader")[0] == "nobody_to_do_it"
    assert audit.verify(office.session).ok


def test_the_rest_of_the_case_goes_on(office: Office) -> None:
    """One county has nobody; the other verifies all the same."""
    vacate(office, "hejin.handler")
    vacate(office, "hejin.handler2")
    no = office.accept("YHQ", "HEJIN")
    assert len(open_incidents(office)) == 1
    office.do("yanhu.handler", "county_verify", "agree", case_no=f"{no}之一")


def test_once_somebody_is_appointed_the_incident_is_retried_away(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    vacate(office, "jr.reviewer")
    drafted(office)
    (incident,) = open_incidents(office)
    with pytest.raises(StateConflictError) as still:
        office.act(cases.retry_incident, "admin.system", incident.id)
    assert (still.value.kind, still.value.key) == ("rule", "nobody")
    also(office, "jr.reviewer", PostKind.REVIEWER)
    office.act(cases.retry_incident, "admin.system", incident.id)
    assert open_incidents(office) == []
    assert task_of(office, "section_review").rule is None
    office.do("jr.reviewer", "section_review", "agree")


def test_or_closed_by_whoever_claims_the_step(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    vacate(office, "jr.reviewer")
    drafted(office)
    also(office, "jr.reviewer", PostKind.REVIEWER)
    office.take("jr.reviewer", "section_review")
    assert open_incidents(office) == []


def test_an_empty_post_is_passed_with_a_record_in_place_of_an_opinion(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "pass_with_record"})
    vacate(office, "jr.reviewer")
    no = drafted(office)
    task = task_of(office, "section_review")
    assert (task.status, task.decision, task.completed_by_person_id) == ("completed", "agree", None)
    (entry,) = entries(office, "task.passed-by-rule")
    assert (entry.person_id, entry.payload["rule"], entry.payload["source"]) == (None, "pass_with_record", "step")
    assert (entry.payload["version"], entry.payload["decision"]) == (2, "agree")
    office.find("jr.leader", "leader_approval", no)
    assert open_incidents(office) == []
    detail = office.act(cases.get_task, "jr.leader", office.find("jr.leader", "leader_approval").id)
    row = next(row for row in detail.signatures if row.node_id == "section_review")
    assert row.decision is not None
    assert (row.decision.code, row.decision.zh, row.decision.en) == ("agree", "按规则通过", "Passed by rule")
    assert row.rule is not None
    assert row.rule.cause == "nobody"
    assert "passed_by_rule" in told(office, "jr.leader")


def test_an_empty_post_is_offered_to_the_next_superior_that_is_held(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "next_superior"})
    vacate(office, "jr.reviewer")
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    moved = office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    assert [(step.name.code, step.post_kind) for step in moved.next_steps] == [("section_review", "leader")]
    task = task_of(office, "section_review")
    assert (task.status, task.post_kind, task.rule["offered_to"]) == ("ready", "leader", "leader")
    (entry,) = entries(office, "task.offered-higher")
    assert (entry.payload["post_kind"], entry.payload["offered_to"]) == ("reviewer", "leader")
    assert told(office, "jr.leader")[0] == "offered_higher"
    office.do("jr.leader", "section_review", "agree")


def test_where_no_superior_is_left_it_is_refused(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifNobody": "next_superior"})
    vacate(office, "jr.reviewer")
    vacate(office, "jr.leader")
    drafted(office)
    task = task_of(office, "section_review")
    assert (task.post_kind, task.rule["rule"], task.rule["asked"]) == ("reviewer", "refuse", "next_superior")
    assert len(open_incidents(office)) == 1


def test_a_step_that_passed_is_nowhere_to_return_to_and_stands_in_nobodys_way_back(
    office: Office, tmp_path: Path
) -> None:
    ruled(office, tmp_path, {"ifNobody": "pass_with_record"})
    vacate(office, "jr.reviewer")
    drafted(office)
    draft = task_of(office, "municipal_review").id
    office.act(cases.recall_task, "jr.handler", draft, reason="金额有误")
    passed = task_of(office, "section_review")
    assert (passed.status, passed.voided_at is not None) == ("completed", True)
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    task_id = office.take("jr.leader", "leader_approval")
    targets = cases.return_targets(office.session, task_id, actor=actor(office.session, "jr.leader", office.clock))
    assert "section_review" not in {target.code for target in targets}
    assert "municipal_review" in {target.code for target in targets}


# ── the same person twice ─────────────────────────────────────────────────────────────────────────


def sole_head_drafted(office: Office) -> str:
    """The head of a small section, who is its case handler too, drafts and would now review."""
    also(office, "jr.reviewer", PostKind.HANDLER)
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    who = person(office.session, "jr.reviewer")
    post = office.session.scalars(
        select(Post.id)
        .join(Appointment, Appointment.post_id == Post.id)
        .where(Appointment.person_id == who.id, Post.kind == PostKind.HANDLER)
    ).one()
    drafter = load_acting(office.session, who.id, post, MONDAY)
    task_id = office.find("jr.handler", "municipal_review").id
    cases.claim_task(office.session, task_id, actor=drafter, clock=office.clock)
    cases.complete_task(office.session, CompleteTask(task_id, "file", "拟同意"), actor=drafter, clock=office.clock)
    office.session.commit()
    return no


def test_in_the_library_a_head_who_drafted_is_reviewed_by_the_leader_whose_instruction_is_on_record(
    office: Office,
) -> None:
    no = sole_head_drafted(office)
    task = task_of(office, "section_review")
    assert (task.post_kind, task.rule["cause"], task.rule["source"]) == ("leader", "same_person", "step")
    assert [name for name, _zh, _en in task.rule["persons"]] == ["jr.reviewer"]
    moved = office.do("jr.leader", "section_review", "agree")
    assert [step.name.code for step in moved.next_steps] == ["recognise"]
    passed = task_of(office, "leader_approval")
    assert (passed.status, passed.rule["cause"], passed.rule["rule"]) == (
        "completed",
        "same_person",
        "pass_with_record",
    )
    assert [name for name, _zh, _en in passed.rule["persons"]] == ["jr.leader"]
    office.recognise(no)


def test_of_two_heads_the_other_reviews_and_no_rule_acts(office: Office) -> None:
    other = make_person(office.session, office.clock, "jr.second.head")
    appoint(office.session, other, make_post(office.session, agency(office.session, "JR"), PostKind.REVIEWER, seat=8))
    sole_head_drafted(office)
    assert (task_of(office, "section_review").post_kind, task_of(office, "section_review").rule) == ("reviewer", None)
    with pytest.raises(SamePersonError):
        office.take("jr.reviewer", "section_review")
    office.take("jr.second.head", "section_review")


def test_maker_checker_and_releaser_stay_three_whatever_the_deployment_says(office: Office) -> None:
    rules = dict.fromkeys(("nobody", "same_person", "applicant"), "pass_with_record")
    set_rules(office, rules, note="人手不足")
    also(office, "cz.handler", PostKind.REVIEWER, "CZ")
    office.recognise(office.filed("YHQ"))
    vacate(office, "cz.reviewer")
    also(office, "cz.handler", PostKind.LEADER, "CZ")
    office.do("cz.handler", "payment_propose", "propose", period="2019")
    task = task_of(office, "payment_review")
    assert (task.status, task.rule["rule"], task.rule["asked"], task.rule["version"]) == (
        "ready",
        "refuse",
        "pass_with_record",
        1,
    )
    assert len(open_incidents(office)) == 1


# ── the applicant ─────────────────────────────────────────────────────────────────────────────────


def test_where_only_the_filer_could_review_the_rule_for_applicants_follows(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {"ifApplicant": "next_superior"})
    opened = office.open("jr.reviewer", application(issuer(0, "YHQ")))
    office.do("jr.handler", "formal_check", "accept")
    office.verify(opened.case_no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    task = task_of(office, "section_review")
    assert (task.post_kind, task.rule["cause"]) == ("leader", "applicant")
    assert [name for name, _zh, _en in task.rule["persons"]] == ["jr.reviewer"]
    with pytest.raises(PermissionDeniedError):
        office.claim("jr.reviewer", task.id)
    office.do("jr.leader", "section_review", "agree")


def test_by_default_the_filer_is_refused(office: Office, tmp_path: Path) -> None:
    ruled(office, tmp_path, {})
    opened = office.open("jr.reviewer", application(issuer(0, "YHQ")))
    office.do("jr.handler", "formal_check", "accept")
    office.verify(opened.case_no, "YHQ")
    office.do("jr.handler", "municipal_review", "file", opinion="拟同意")
    task = task_of(office, "section_review")
    assert (task.rule["cause"], task.rule["rule"]) == ("applicant", "refuse")
    with pytest.raises(ApplicantDecidesError):
        office.claim("jr.reviewer", task.id)
