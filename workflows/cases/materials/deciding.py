"""What a decision has to do with papers: asking for those sent back, taking the others in, supplying what was asked.

Decisions are known by the notice that goes out with them (`supplement`, `acceptance`), and the applicant's step by its
role: no diagram needs to say more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflows.cases.aggregate import Family
from workflows.cases.commands import CompleteTask
from workflows.cases.materials.folder import open_folder
from workflows.cases.materials.lines import lines_of
from workflows.cases.materials.models import MaterialReview, Verdict
from workflows.cases.materials.reading import ACCEPTS, ASKS
from workflows.cases.models import Case, HumanTask
from workflows.cases.paper_views import MaterialLine
from workflows.clock import Clock
from workflows.engine.model import Decision, Node
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor

ITEMS = "supplement_items"
"""Field of the form that lists what the applicant is to supply; it becomes the list of the notice."""


@dataclass(frozen=True)
class PaperDecision:
    """What a decision does to the papers of its case.

    Args:
        notice: `supplement`, `acceptance` or None.
        lines: the checklist as it stood when the decision was made.
    """

    notice: str | None
    lines: tuple[MaterialLine, ...] = ()

    @property
    def lacking(self) -> list[str]:
        """What an application was taken in without, for the trace."""
        return [line.item for line in self.lines if line.is_lacking] if self.notice == ACCEPTS else []


def decide_on_papers(
    session: Session,
    family: Family,
    node: Node,
    task: HumanTask,
    decision: Decision,
    command: CompleteTask,
    *,
    actor: Actor,
) -> tuple[CompleteTask, PaperDecision]:
    """Return the command with the papers sent back in its list, and what the decision does to them.

    Raises:
        InvalidInputError: papers are lacking and the officer says not to have seen that (`missing_confirmed`); the
            applicant has not supplied what was asked for (`materials.<item>`).
    """
    supplies = node.attributes.get("role") == "applicant"
    if not family.process.checklist.items or not (supplies or decision.notice in (ASKS, ACCEPTS)):
        return command, PaperDecision(None)
    case = session.get_one(Case, task.case_id)
    lines = lines_of(session, open_folder(session, case, actor=actor))
    if supplies:
        _require_supplied(lines)
    elif decision.notice == ACCEPTS:
        if command.missing_confirmed is False and any(line.is_lacking for line in lines):
            raise InvalidInputError([FieldError("missing_confirmed", "confirm-missing")])
    elif ITEMS in (family.process.form(node.attributes.get("form")) or {}).get("properties", {}):
        pending = [_asked(line) for line in lines if line.is_pending]
        if pending:
            given = command.data.get(ITEMS) or []
            rows = given if isinstance(given, list) else []
            command = replace(command, data={**command.data, ITEMS: [*pending, *rows]})
    return command, PaperDecision(decision.notice, lines)


def record_paper_decision(
    session: Session, decided: PaperDecision, family: Family, task: HumanTask, *, actor: Actor, clock: Clock
) -> None:
    """Mark the papers sent back as told, or those taken in as accepted."""
    if decided.notice == ASKS:
        session.execute(
            update(MaterialReview)
            .where(
                MaterialReview.root_id == family.id,
                MaterialReview.verdict == Verdict.SENT_BACK,
                MaterialReview.told_at.is_(None),
            )
            .values(told_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    elif decided.notice == ACCEPTS:
        session.add_all(
            MaterialReview(
                root_id=family.id,
                item=line.item,
                subject=line.subject,
                verdict=Verdict.ACCEPTED,
                seen_document_id=max(file.id for file in line.files),
                task_id=task.id,
                at=clock.now(),
                by_person_id=actor.person_id,
                by_post_id=actor.post_id,
            )
            for line in decided.lines
            if line.state == "supplied" and line.supplied_by == "applicant"
        )


def _asked(line: MaterialLine) -> dict[str, Any]:
    sent_back = line.sent_back
    row = {"material": line.title.zh[:100], "problem": sent_back.problem if sent_back else ""}
    if sent_back and sent_back.requirement:
        row["requirement"] = sent_back.requirement
    return row


def _require_supplied(lines: Iterable[MaterialLine]) -> None:
    errors = [
        FieldError(
            f"materials.{line.item}" + (f".{line.subject}" if line.subject else ""),
            "still-held" if line.is_held else "still-sent-back",
        )
        for line in lines
        if line.state == "sent_back"
    ]
    if errors:
        raise InvalidInputError(errors)
