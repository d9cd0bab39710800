"""Why one paper, task or official document is seen: the explanation and the decision never differ."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, seed_everything
from tests.factories.checklists import add
from tests.factories.org import actor
from tests.unit.cases.test_why_seen import everybody
from workflows.cases.collaboration.copies import send_copies
from workflows.cases.documents import list_documents
from workflows.cases.materials.grounds import PaperGround
from workflows.cases.models import Case, CaseDocument, HumanTask, Notice
from workflows.cases.official.reading import get_notice
from workflows.cases.queues import task_row
from workflows.cases.why_seen_item import why_notice_seen, why_paper_seen, why_task_seen
from workflows.clock import FixedClock
from workflows.errors import LianbanError, NotFoundError
from workflows.permissions import Actor, Permission


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


@pytest.fixture
def no(office: Office) -> str:
    """A case of two parts with papers that are shared, one part's, internal and beside the checklist."""
    no = office.accept("YHQ", "HEJIN")
    add(office, no, "prospectus")
    add(office, no, "business_licence", subject="91140821MA0DEMA0XW")
    add(office, no, "business_licence", subject="91140825MA0DEMB0XC")
    add(office, no, None, who="jr.handler", name="内部.pdf", internal=True)
    add(office, f"{no}之一", None, who="yanhu.handler", name="核实.pdf")
    office.act(send_copies, "jr.handler", no, to=["GX"], note=None)
    return no


def papers(office: Office, who: Actor, case_no: str) -> set[int]:
    try:
        return {row.id for row in list_documents(office.session, case_no, actor=who)}
    except LianbanError:
        return set()


def test_a_paper_is_explained_to_whoever_sees_it_and_to_nobody_else(office: Office, no: str) -> None:
    every = office.session.scalars(select(CaseDocument.id)).all()
    told = 0
    for who in everybody(office):
        for case_no in (no, f"{no}之一", f"{no}之二"):
            seen = papers(office, who, case_no)
            explained = set()
            for paper_id in every:
                try:
                    why = why_paper_seen(office.session, case_no, paper_id, actor=who, clock=office.clock)
                except LianbanError:
                    continue
                assert why.grounds
                assert why.seen.reasons
                explained.add(paper_id)
            assert explained == seen, (who.person_name, who.post_kind, case_no)
            told += len(seen)
    assert told > 50


def test_each_ground_of_a_paper_is_named(office: Office, no: str) -> None:
    ids = {(row.item, row.subject): row.id for row in office.session.scalars(select(CaseDocument))}
    who = actor(office.session, "hejin.handler", office.clock)

    def grounds(case_no: str, item: str | None, subject: str | None = None) -> tuple[PaperGround, ...]:
        return why_paper_seen(office.session, case_no, ids[item, subject], actor=who, clock=office.clock).grounds

    assert grounds(no, "prospectus") == (PaperGround.OF_CASE, PaperGround.SHARED)
    assert grounds(f"{no}之二", "prospectus") == (PaperGround.SHARED,)
    assert grounds(f"{no}之二", "business_licence", "91140825MA0DEMB0XC") == (PaperGround.OF_ROW,)
    with pytest.raises(NotFoundError):
        grounds(f"{no}之二", "business_licence", "91140821MA0DEMA0XW")


def test_a_task_is_explained_to_the_agency_that_has_it(office: Office, no: str) -> None:
    tasks = office.session.scalars(select(HumanTask.id)).all()
    for who in everybody(office):
        for task_id in tasks:
            opened = why = None
            with contextlib.suppress(NotFoundError):
                opened = task_row(office.session, task_id, actor=who, clock=office.clock) if _reads(who) else None
            with contextlib.suppress(LianbanError):
                why = why_task_seen(office.session, task_id, actor=who, clock=office.clock)
            assert (opened is None) == (why is None)
            assert why is None or [step.task_id for reason in why.seen.reasons for step in reason.steps] == [task_id]


def _reads(who: Actor) -> bool:
    return who.may(Permission.TASK_READ) and who.may(Permission.CASE_READ)


def test_an_official_document_is_explained_with_its_case(office: Office, no: str) -> None:
    notices = office.session.execute(select(Notice.id, Case.no).join(Case, Case.id == Notice.case_id)).all()
    assert notices
    addressed = 0
    for who in everybody(office):
        for notice_id, case_no in notices:
            seen = why = None
            with contextlib.suppress(LianbanError):
                seen = get_notice(office.session, notice_id, actor=who, case_no=case_no)
            with contextlib.suppress(LianbanError):
                why = why_notice_seen(office.session, case_no, notice_id, actor=who, clock=office.clock)
            assert (seen is None) == (why is None)
            assert why is None or why.seen.reasons
            addressed += why is not None and why.addressed
    assert addressed
