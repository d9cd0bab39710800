"""Cases for tests: the library loaded, applications filled in, officers who do their step."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

import workflows.payments  # noqa: F401  # offers the effects that the library names
from tests.factories.kept import fill_once
from tests.factories.org import actor, seed_organisation
from workflows import cases
from workflows.cases import CompleteTask, HumanTask, Moved, OpenCase, OpinionAnswer, TaskQuery, TaskRow
from workflows.cases.numbering import child_case_no
from workflows.clock import Clock
from workflows.deadlines import seed_calendar
from workflows.processes import load_library

LIBRARY = Path(__file__).resolve().parents[2] / "bpmn"
T = TypeVar("T")

USCCS = ("91140821MA0DEMA0XW", "91140825MA0DEMB0XC", "91140822MA0DEMC0XN")
"""Of the demo enterprises a, b and c."""


def seed_everything(session: Session, clock: Clock) -> None:
    """Load organisation, policy, calendar and the process library."""

    def fill() -> None:
        seed_organisation(session, clock)
        seed_calendar(session, clock=clock)
        load_library(session, LIBRARY, clock=clock)

    fill_once(session, ("everything", clock.now()), fill)


def publish_changed(session: Session, clock: Clock, folder: Path, *changes: tuple[str, str]) -> None:
    """Publish the bond subsidy's diagram with some of its text changed, as the library's next version."""
    changed = folder / "library"
    shutil.copytree(LIBRARY, changed)
    diagram = changed / "bond_subsidy" / "process.bpmn"
    text = diagram.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    diagram.write_text(text)
    load_library(session, changed, clock=clock)
    session.commit()


def issuer(number: int, county: str, **changes: Any) -> dict[str, Any]:
    """One issuer of a bond; `number` counts from 0."""
    name = f"发行人{number + 1}有限公司"
    return {
        "name": name,
        "uscc": USCCS[number % len(USCCS)],
        "county": county,
        "issue_amount_fen": 5_000_000_000,
        "account_name": name,
        "account_no": f"14080100000{number}4471",
        "account_bank": "A银行运城分行",
        **changes,
    }


def application(*issuers: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A bond subsidy application."""
    return {
        "instrument": "collective_note" if len(issuers) > 1 else "convertible_bond",
        "bond_name": "2019年第一期中小企业集合票据",
        "issued_on": "2019-06-20",
        "contact_name": "联系人",
        "contact_phone": "0359-2660000",
        "issuers": [dict(one) for one in issuers],
        "commitment": True,
        **changes,
    }


LOGINS = {"YHQ": "yanhu", "HEJIN": "hejin", "JIANGXIAN": "jiangxian"}
"""County code → the head of its officers' user names."""


class Office:
    """Officers at work: each method is one act, committed."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self.session, self.clock = session, clock

    def open(self, username: str, data: Mapping[str, Any]) -> Moved:
        """Apply for a bond subsidy."""
        who = actor(self.session, username, self.clock)
        moved = cases.open_case(self.session, OpenCase("bond_subsidy", data), actor=who, clock=self.clock)
        self.session.commit()
        return moved

    def act(self, service: Callable[..., T], username: str, *args: Any, **kwargs: Any) -> T:
        """Call a case service as somebody and commit; what it refuses leaves nothing behind."""
        who = actor(self.session, username, self.clock)
        try:
            answer = service(self.session, *args, actor=who, clock=self.clock, **kwargs)
        except BaseException:
            self.session.rollback()
            raise
        self.session.commit()
        return answer

    def queue(self, username: str, queue: str = "available", **filters: Any) -> tuple[TaskRow, ...]:
        """List a queue."""
        query = TaskQuery(queue=queue, **filters)  # type: ignore[arg-type]
        who = actor(self.session, username, self.clock)
        return cases.list_tasks(self.session, query, actor=who, clock=self.clock).items

    def find(self, username: str, node_id: str, case_no: str | None = None) -> TaskRow:
        """Return the one waiting task of a step that an officer may claim."""
        rows = [
            row
            for row in self.queue(username)
            if row.node_id == node_id and (case_no is None or row.case_no == case_no)
        ]
        assert len(rows) == 1, f"{username} has {[(r.node_id, r.case_no) for r in rows]} for {node_id} {case_no}"
        return rows[0]

    def claim(self, username: str, task_id: int) -> TaskRow:
        """Claim a task."""
        row = cases.claim_task(self.session, task_id, actor=actor(self.session, username, self.clock), clock=self.clock)
        self.session.commit()
        return row

    def complete(self, username: str, task_id: int, decision: str, opinion: str | None = None, **data: Any) -> Moved:
        """Complete a claimed task."""
        command = CompleteTask(task_id, decision, opinion, data)
        who = actor(self.session, username, self.clock)
        moved = cases.complete_task(self.session, command, actor=who, clock=self.clock)
        self.session.commit()
        return moved

    def do(
        self,
        username: str,
        node_id: str,
        decision: str,
        *,
        case_no: str | None = None,
        opinion: str | None = None,
        **data: Any,
    ) -> Moved:
        """Find, claim and complete the one waiting task of a step."""
        task = self.find(username, node_id, case_no)
        self.claim(username, task.id)
        return self.complete(username, task.id, decision, opinion, **data)

    def take(self, username: str, node_id: str, case_no: str | None = None) -> int:
        """Find and claim the one waiting task of a step; return its key."""
        task_id = self.find(username, node_id, case_no).id
        self.claim(username, task_id)
        return task_id

    def accept(self, *counties: str) -> str:
        """Open a case with an issuer in each county, and accept it; return its number."""
        opened = self.open("enterprise-a.applicant", application(*(issuer(n, c) for n, c in enumerate(counties))))
        self.do("jr.handler", "formal_check", "accept")
        return opened.case_no

    def verify(self, case_no: str, *counties: str) -> None:
        """Have each issuer's county agree."""
        for number, county in enumerate(counties):
            child = child_case_no(case_no, number) if len(counties) > 1 else case_no
            self.do(f"{LOGINS[county]}.handler", "county_verify", "agree", case_no=child)

    def file(self) -> None:
        """Take a verified case through the municipal office to the province; what a county objected is answered."""
        task_id = self.take("jr.handler", "municipal_review")
        answers = tuple(OpinionAnswer(said, "已核实，予以说明") for said in self._objections(task_id))
        command = CompleteTask(task_id, "file", "拟同意申报", answers=answers)
        self.act(cases.complete_task, "jr.handler", command)
        self.do("jr.reviewer", "section_review", "agree")
        self.do("jr.leader", "leader_approval", "agree")

    def _objections(self, task_id: int) -> Sequence[int]:
        family = select(HumanTask.root_id).where(HumanTask.id == task_id).scalar_subquery()
        objected = select(HumanTask.id).where(HumanTask.root_id == family, HumanTask.decision == "object")
        return self.session.scalars(objected.where(HumanTask.voided_at.is_(None)).order_by(HumanTask.id)).all()

    def filed(self, *counties: str) -> str:
        """Return the number of a new case that waits for the province."""
        case_no = self.accept(*counties)
        self.verify(case_no, *counties)
        self.file()
        return case_no

    def recognise(self, case_no: str, amount_fen: int = 30_000_000) -> Moved:
        """Have the province recognise one issuer."""
        number = "晋金办〔2019〕15号"
        return self.do(
            "pjr.handler", "recognise", "recognised", case_no=case_no, document_number=number, amount_fen=amount_fen
        )
