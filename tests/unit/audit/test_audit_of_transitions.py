"""Each change of state writes its entry in its own transaction: rolled back, neither is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.checklists import paper
from tests.factories.org import actor
from tests.factories.signing import KEY, loss, publish
from workflows import audit, cases
from workflows.agencies import deputies
from workflows.agencies.deputies import NewAbsence, NewBackup, NewDelegation
from workflows.agencies.deputies.tables import Absence, Delegation, PostBackup
from workflows.audit import AuditEntry
from workflows.cases import (
    AskAgain,
    ChangeSigner,
    CompleteTask,
    HumanTask,
    OpenCase,
    OpinionAnswer,
    OutsideMessage,
    ReturnTask,
    SendBack,
)
from workflows.cases.collaboration.copies import acknowledge_copy, send_copies, withdraw_copy
from workflows.cases.collaboration.deputising import delegate_work, stop_delegation
from workflows.cases.collaboration.hand_over import hand_over
from workflows.cases.collaboration.tables import CaseCopy, Urging
from workflows.cases.collaboration.urge import urge_task
from workflows.cases.materials.models import MaterialReview
from workflows.cases.models import Case, CaseDocument, Notice
from workflows.clock import FixedClock, office_date

Act = tuple[Callable[..., Any], str, tuple[Any, ...], Mapping[str, Any]]
RECOGNITION = {"document_number": "晋金办〔2019〕15号", "amount_fen": 1}


def opening(office: Office) -> Act:
    return cases.open_case, "enterprise-a.applicant", (OpenCase("bond_subsidy", application(issuer(0, "YHQ"))),), {}


def claiming(office: Office) -> Act:
    office.accept("YHQ")
    return cases.claim_task, "yanhu.handler", (office.find("yanhu.handler", "county_verify").id,), {}


def held(office: Office) -> int:
    office.accept("YHQ")
    return office.take("yanhu.handler", "county_verify")


def releasing(office: Office) -> Act:
    return cases.release_task, "yanhu.handler", (held(office),), {}


def assigning(office: Office) -> Act:
    office.accept("YHQ")
    task_id = office.find("yanhu.handler", "county_verify").id
    return cases.assign_task, "yanhu.reviewer", (task_id,), {"to_username": "yanhu.handler2"}


def transferring(office: Office) -> Act:
    return cases.transfer_task, "yanhu.handler", (held(office),), {"to_username": "yanhu.handler2", "reason": "请假"}


def delegating(office: Office) -> Act:
    return cases.delegate_task, "yanhu.handler", (held(office),), {"to_username": "yanhu.handler2", "reason": "协助"}


def delegated(office: Office) -> int:
    _, _, (task_id,), kwargs = delegating(office)
    office.act(cases.delegate_task, "yanhu.handler", task_id, **kwargs)
    return int(task_id)


def handing_back(office: Office) -> Act:
    return cases.hand_back_task, "yanhu.handler2", (delegated(office),), {"note": "已核对"}


def taking_back(office: Office) -> Act:
    return cases.take_back_task, "yanhu.handler", (delegated(office),), {}


def delegating_work(office: Office) -> Act:
    days = office_date(office.clock.now()), office_date(office.clock.now())
    return delegate_work, "yanhu.handler", (NewDelegation("yanhu.handler2", *days),), {}


def stopping_a_delegation(office: Office) -> Act:
    service, username, args, kwargs = delegating_work(office)
    made, _ = office.act(service, username, *args, **kwargs)
    return stop_delegation, "yanhu.leader", (made.id,), {}


def recording_leave(office: Office) -> Act:
    on = office_date(office.clock.now())
    return deputies.add_absence, "yanhu.handler", (NewAbsence("yanhu.handler", on, on, "年休假"),), {}


def ending_leave(office: Office) -> Act:
    service, username, args, kwargs = recording_leave(office)
    return deputies.end_absence, "yanhu.handler", (office.act(service, username, *args, **kwargs).id,), {}


def naming_a_backup(office: Office) -> Act:
    post_id = actor(office.session, "yanhu.handler", office.clock).post_id
    wanted = NewBackup(post_id, "yanhu.handler2", office_date(office.clock.now()))
    return deputies.add_backup, "yanhu.reviewer", (wanted,), {}


def ending_a_backup(office: Office) -> Act:
    service, username, args, kwargs = naming_a_backup(office)
    return deputies.end_backup, "yanhu.leader", (office.act(service, username, *args, **kwargs).id,), {}


def urging(office: Office) -> Act:
    office.accept("YHQ")
    return urge_task, "dc.supervisor", (office.find("yanhu.handler", "county_verify").id,), {"reason": "临期"}


def handing_over(office: Office) -> Act:
    held(office)
    return hand_over, "yanhu.leader", ("yanhu.handler",), {"to_username": "yanhu.handler2", "reason": "调离"}


def handing_a_case_over(office: Office) -> Act:
    office.open("jr.handler", application(issuer(0, "YHQ")))
    return hand_over, "jr.leader", ("jr.handler",), {"to_username": "jr.handler2", "reason": "调离"}


def copying(office: Office) -> Act:
    return send_copies, "jr.handler", (office.accept("YHQ"),), {"to": ["CZ"], "note": None}


def acknowledging(office: Office) -> Act:
    service, username, args, kwargs = copying(office)
    (copy,) = office.act(service, username, *args, **kwargs)
    return acknowledge_copy, "cz.handler", (copy.key,), {}


def withdrawing_a_copy(office: Office) -> Act:
    service, username, args, kwargs = copying(office)
    (copy,) = office.act(service, username, *args, **kwargs)
    return withdraw_copy, "jr.leader", (*args, copy.key), {}


def completing(office: Office) -> Act:
    return cases.complete_task, "yanhu.handler", (CompleteTask(held(office), "agree"),), {}


def returning(office: Office) -> Act:
    return cases.return_task, "yanhu.handler", (ReturnTask(held(office), "材料有误"),), {}


def recalling(office: Office) -> Act:
    task_id = held(office)
    office.complete("yanhu.handler", task_id, "agree")
    return cases.recall_task, "yanhu.handler", (task_id,), {"reason": "更正"}


def withdrawing(office: Office) -> Act:
    return cases.withdraw_case, "enterprise-a.applicant", (office.accept("YHQ"),), {"reason": "不再申请"}


def suspending(office: Office) -> Act:
    return cases.suspend_case, "jr.leader", (office.accept("YHQ"),), {"reason": "等待"}


def resuming(office: Office) -> Act:
    no = office.accept("YHQ")
    office.act(cases.suspend_case, "jr.leader", no, reason="等待")
    return cases.resume_case, "jr.leader", (no,), {"reason": "已答复"}


def adding_a_signer(office: Office) -> Act:
    office.accept("YHQ")
    task_id = office.find("yanhu.handler", "county_verify").id
    return cases.add_signer, "jr.handler", (ChangeSigner(task_id, "会签", "CZ"),), {}


def removing_a_signer(office: Office) -> Act:
    _, _, args, _ = adding_a_signer(office)
    office.act(cases.add_signer, "jr.handler", *args)
    task_id = office.find("cz.handler", "county_verify").id
    return cases.remove_signer, "jr.handler", (ChangeSigner(task_id, "无需会签"),), {}


def issuing(office: Office) -> Act:
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    task_id = office.take("jr.handler", "formal_check")
    return cases.complete_task, "jr.handler", (CompleteTask(task_id, "accept"),), {}


def voiding(office: Office) -> Act:
    office.accept("YHQ")
    notice_id = office.session.scalars(select(Notice.id)).one()
    return cases.void_notice, "jr.leader", (notice_id,), {"reason": "主送单位有误"}


def answering(office: Office) -> Act:
    message = OutsideMessage("m-1", "recognition", office.filed("YHQ"), "recognised", RECOGNITION)
    return cases.receive_message, "pjr.system", (message,), {}


def objected(office: Office) -> tuple[int, int]:
    """An objection, and the lead's task it must be answered with."""
    office.accept("YHQ")
    said = office.take("yanhu.handler", "county_verify")
    office.complete("yanhu.handler", said, "object", "情况不符")
    return said, office.take("jr.handler", "municipal_review")


def answering_an_objection(office: Office) -> Act:
    said, review = objected(office)
    answers = (OpinionAnswer(said, "已核实"),)
    return cases.complete_task, "jr.handler", (CompleteTask(review, "file", "拟同意申报", answers=answers),), {}


def asking_again(office: Office) -> Act:
    said, review = objected(office)
    return cases.ask_again, "jr.handler", (AskAgain(review, said, "请复核"),), {}


def correcting_a_figure(office: Office) -> Act:
    publish(office.session, office.clock)
    office.act(cases.open_case, "guarantor-a.applicant", OpenCase(KEY, loss()))
    office.do("yanhu.handler", "county_verify", "agree")
    office.do("cz.handler", "countersign", "agree")
    task_id = office.take("jr.handler", "countersign")
    return cases.complete_task, "jr.handler", (CompleteTask(task_id, "agree", None, {"net_loss_fen": 1}),), {}


def adding_a_paper(office: Office) -> Act:
    return cases.add_document, "enterprise-a.applicant", (office.accept("YHQ"), paper(None)), {}


def adding_an_internal_paper(office: Office) -> Act:
    return cases.add_document, "jr.handler", (office.accept("YHQ"), paper(None, internal=True)), {}


def sending_back(office: Office) -> Act:
    no = office.open("enterprise-a.applicant", application(issuer(0, "YHQ"))).case_no
    office.take("jr.handler", "formal_check")
    return cases.send_back, "jr.handler", (SendBack(no, "prospectus", "看不清"),), {}


def undoing_a_send_back(office: Office) -> Act:
    _, username, args, _ = sending_back(office)
    office.act(cases.send_back, username, *args)
    return cases.undo_send_back, username, (args[0].case_no, "prospectus"), {}


TRANSITIONS = {
    "document.added": adding_a_paper,
    "document.added-internally": adding_an_internal_paper,
    "material.sent-back": sending_back,
    "material.send-back-undone": undoing_a_send_back,
    "case.opened": opening,
    "task.claimed": claiming,
    "task.released": releasing,
    "task.assigned": assigning,
    "task.transferred": transferring,
    "task.delegated": delegating,
    "task.handed-back": handing_back,
    "task.taken-back": taking_back,
    "task.completed": completing,
    "task.returned": returning,
    "task.recalled": recalling,
    "task.urged": urging,
    "task.handed-over": handing_over,
    "case.handed-over": handing_a_case_over,
    "case.copied": copying,
    "copy.acknowledged": acknowledging,
    "copy.withdrawn": withdrawing_a_copy,
    "delegation.made": delegating_work,
    "delegation.ended": stopping_a_delegation,
    "absence.recorded": recording_leave,
    "absence.ended": ending_leave,
    "backup.named": naming_a_backup,
    "backup.ended": ending_a_backup,
    "case.withdrawn": withdrawing,
    "case.suspended": suspending,
    "case.resumed": resuming,
    "signer.added": adding_a_signer,
    "signer.removed": removing_a_signer,
    "notice.issued": issuing,
    "notice.voided": voiding,
    "message.received": answering,
    "objection.answered": answering_an_objection,
    "opinion.asked-again": asking_again,
    "case.corrected": correcting_a_figure,
    "signature.voided": correcting_a_figure,
}


def state(session: Session) -> list[Any]:
    """What a transition could have changed."""
    task = HumanTask
    rows = session.execute(select(task.id, task.status, task.row_version, task.voided_at).order_by(task.id)).all()
    cases_now = session.execute(
        select(Case.id, Case.status, Case.rev, Case.opened_by_person_id).order_by(Case.id)
    ).all()
    further = [
        session.execute(select(*columns)).all()
        for columns in (
            (Delegation.id, Delegation.ended_at),
            (Absence.id, Absence.ended_at),
            (PostBackup.id, PostBackup.to_on),
            (Urging.id,),
            (Notice.document_no, Notice.voided_at),
            (CaseCopy.id, CaseCopy.acknowledged_at, CaseCopy.withdrawn_at),
            (CaseDocument.id,),
            (MaterialReview.id, MaterialReview.told_at),
        )
    ]
    return [*rows, *cases_now, *further]


@pytest.mark.parametrize("event", TRANSITIONS)
def test_a_transition_and_its_entry_stand_or_fall_together(session: Session, clock: FixedClock, event: str) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    service, username, args, kwargs = TRANSITIONS[event](office)
    entries = select(AuditEntry.event).order_by(AuditEntry.id)
    who = actor(session, username, clock)
    before, told = state(session), session.scalars(entries).all()
    service(session, *args, actor=who, clock=clock, **kwargs)
    session.rollback()
    assert (state(session), session.scalars(entries).all()) == (before, told)
    office.act(service, username, *args, **kwargs)
    assert state(session) != before
    new = session.scalars(entries).all()[len(told) :]
    assert event in new
    entry = session.scalars(select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.person_id, entry.post_id) == (who.person_id, who.post_id)
    assert audit.verify(session).ok
