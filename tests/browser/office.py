"""Cases brought to where a test wants them, through the services, while the pages are driven by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from webapp import context
from webapp.transaction import writing
from workflows.agencies.directory import group_members
from workflows.agencies.models import Person
from workflows.agencies.posts import load_actor
from workflows.cases.assignment.changes import list_changes
from workflows.cases.assignment.changing import reject_change, request_change
from workflows.cases.claiming import claim_task, receive_task
from workflows.cases.commands import CompleteTask, OpenCase
from workflows.cases.complete_task import complete_task
from workflows.cases.documents import NewDocument, add_document
from workflows.cases.materials.drafts import save_application
from workflows.cases.open_case import open_case
from workflows.cases.queues import TaskQuery, list_tasks
from workflows.clock import FixedClock, office_date
from workflows.permissions import Actor
from workflows.uscc import check_character

HOSTILE = '<img src=x onerror="alert(1)">有限公司'


@dataclass(frozen=True)
class Office:
    """The running program.

    Args:
        app: to reach its database beside the browser.
        clock: its clock.
        address: where it listens.
    """

    app: Flask
    clock: FixedClock
    address: str

    def actor(self, username: str) -> Actor:
        """The person in their first post."""
        with self.app.app_context(), writing() as session:
            person_id = session.scalars(select(Person.id).where(Person.username == username)).one()
            return load_actor(session, person_id, None, office_date(self.clock.now()))

    def apply(
        self, *, issuers: int = 2, name: str = "2019年第一期中小企业集合票据", by: str = "enterprise-a.applicant"
    ) -> str:
        """Open a case and return its number."""
        with self.app.app_context(), writing() as session:
            codes = [agency.code for agency in group_members(session, "U14", office_date(self.clock.now()))]
        command = OpenCase("bond_subsidy", application(issuers, name, codes))
        actor = self.actor(by)
        with self.app.app_context(), writing() as session:
            return open_case(session, command, actor=actor, clock=self.clock).case_no

    def begin(self, username: str, *, issuers: int = 2) -> int:
        """Put an application together without submitting it; return the draft."""
        with self.app.app_context(), writing() as session:
            codes = [agency.code for agency in group_members(session, "U14", office_date(self.clock.now()))]
        actor, data = self.actor(username), application(issuers, "未提交的票据", codes)
        with self.app.app_context(), writing() as session:
            return save_application(session, "bond_subsidy", data, actor=actor, clock=self.clock)

    def lay(self, username: str, case_no: str, name: str, content: bytes, media_type: str) -> int:
        """Lay a paper beside the checklist of a case; return it."""
        actor = self.actor(username)
        with self.app.app_context():
            stored = context.store().put(BytesIO(content), limit=1 << 20)
            paper = NewDocument("other", name, media_type, stored.size, stored.sha256)
            with writing() as session:
                return add_document(session, case_no, paper, actor=actor, clock=self.clock).id

    def ask_for_rules(self) -> None:
        """Have a change of the deployment's rules rejected and asked for again, so that it waits."""
        asker, other = self.actor("admin.system"), self.actor("admin.security")
        rules = {"nobody": "next_superior", "same_person": "refuse", "applicant": "refuse"}
        with self.app.app_context(), writing() as session:
            if list_changes(session, actor=other, limit=1).items:
                return
            given: dict[str, Any] = {"note": "县区人手少", "number": 0, "actor": asker, "clock": self.clock}
            first = request_change(session, rules, **given)
            reject_change(session, first.id, reason="先补人", actor=other, clock=self.clock)
            request_change(session, rules, **given)

    def claim(self, username: str, case_no: str) -> int:
        """Sign for and claim the person's next task of a case; return the task."""
        actor = self.actor(username)
        with self.app.app_context(), writing() as session:
            for queue in ("inbox", "available"):
                for row in self._rows(session, queue, actor, case_no):
                    if queue == "inbox":
                        receive_task(session, row.id, actor=actor, clock=self.clock)
                    else:
                        claim_task(session, row.id, actor=actor, clock=self.clock)
                        return row.id
        raise AssertionError(f"{username} has no task of {case_no}")

    def do(
        self, username: str, case_no: str, decision: str, *, opinion: str = "", data: Mapping[str, Any] | None = None
    ) -> None:
        """Claim and complete the person's next task of a case."""
        task_id = self.claim(username, case_no)
        command = CompleteTask(task_id, decision, opinion, data or {})
        actor = self.actor(username)
        with self.app.app_context(), writing() as session:
            complete_task(session, command, actor=actor, clock=self.clock)

    def _rows(self, session: Any, queue: Any, actor: Actor, case_no: str) -> list[Any]:
        page = list_tasks(session, TaskQuery(queue=queue, limit=200), actor=actor, clock=self.clock)
        return [row for row in page.items if row.case_no.startswith(case_no)]


def application(issuers: int, name: str, counties: list[str]) -> dict[str, Any]:
    """A bond of so many issuers, in the first counties; the second issuer has a hostile name."""
    return {
        "instrument": "collective_note",
        "bond_name": name,
        "issued_on": "2019-06-28",
        "contact_name": "王明",
        "contact_phone": "0359-2660000",
        "commitment": True,
        "issuers": [issuer(index, counties[index]) for index in range(issuers)],
    }


def issuer(index: int, county: str) -> dict[str, Any]:
    """One issuer with a right credit code."""
    stem = f"91140800MA0KJX7T{index}"
    name = HOSTILE if index == 1 else f"第{index + 1}发行人有限公司"
    return {
        "name": name,
        "uscc": stem + check_character(stem),
        "county": county,
        "issue_amount_fen": 5_000_000_000,
        "account_name": name,
        "account_no": f"622848000000{index:04d}",
        "account_bank": "A银行运城分行",
    }
