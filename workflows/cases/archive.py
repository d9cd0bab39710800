"""归档: once a case has ended, everything it stood on is frozen in one value with one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Set
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency, Person
from workflows.cases.materials.freezing import frozen_checklist
from workflows.cases.models import Case, CaseArchive, CaseDocument, CaseForm, CaseStatus, HumanTask
from workflows.cases.official.papers import archived_notices
from workflows.clock import Clock
from workflows.deadlines import cancel_for_case
from workflows.events import EventType
from workflows.persistence import canonical_json
from workflows.processes import load_version

Section = Callable[[Session, int], Any]
"""Adds to the archive of a root case what another package knows of it; returns JSON values."""

_SECTIONS: dict[str, Section] = {"materials": frozen_checklist}


def register_section(name: str, section: Section) -> None:
    """Have a further section archived under `name`, such as `payments`."""
    _SECTIONS[name] = section


def archive_case(session: Session, payload: Mapping[str, Any], clock: Clock) -> None:
    """Freeze an ended case (outbox topic `case.archive`); a second run finds it done."""
    root = session.get(Case, int(payload["case_id"]), with_for_update=True)
    if root is None or root.closed_at is None or session.get(CaseArchive, root.id) is not None:
        return
    content = canonical_json(_content(session, root))
    version = load_version(session, root.process_version_id)
    retention = version.process.model.attributes.get("retention", "permanent")
    digest = hashlib.sha256(content).hexdigest()
    session.add(
        CaseArchive(case_id=root.id, sha256=digest, content=content, retention=retention, archived_at=clock.now())
    )
    session.execute(
        update(Case)
        .where(or_(Case.id == root.id, Case.parent_id == root.id), Case.status == CaseStatus.CLOSED)
        .values(status=CaseStatus.ARCHIVED, rev=Case.rev + 1, state=None)
        .execution_options(synchronize_session=False)
    )
    cancel_for_case(session, root.id, now=clock.now())
    audit.append(
        session,
        actor=None,
        event=EventType.CASE_ARCHIVED,
        case_id=root.id,
        payload={"sha256": digest, "retention": retention},
        clock=clock,
    )


def _content(session: Session, root: Case) -> dict[str, Any]:
    version = load_version(session, root.process_version_id)
    family = session.scalars(
        select(Case).where(or_(Case.id == root.id, Case.parent_id == root.id)).order_by(Case.id)
    ).all()
    ids = [case.id for case in family]
    forms = session.scalars(select(CaseForm).where(CaseForm.case_id.in_(ids)).order_by(CaseForm.number))
    tasks = session.scalars(select(HumanTask).where(HumanTask.root_id == root.id).order_by(HumanTask.id)).all()
    papers = session.scalars(select(CaseDocument).where(CaseDocument.case_id.in_(ids)).order_by(CaseDocument.id))
    numbers = {case.id: case.no for case in family}
    # By name too, as they are called now: an archive outlives agencies and accounts.
    agencies = _names(session, Agency, {task.agency_id for task in tasks})
    people = _names(session, Person, {task.completed_by_person_id for task in tasks})
    return {
        "process": {"key": version.key, "number": version.number, "sha256": version.sha256},
        "cases": [
            _facts(case, "no", "title", "applicant_name", "applicant_uscc", "outcome", "opened_at", "closed_at")
            for case in family
        ],
        "forms": [_facts(form, "number", "data", "saved_at") for form in forms],
        "tasks": [
            {
                "case": numbers[task.case_id],
                "agency": agencies[task.agency_id],
                **({"completed_by": people[task.completed_by_person_id]} if task.completed_by_person_id else {}),
                **_facts(
                    task,
                    "node_id",
                    "agency_id",
                    "role",
                    "status",
                    "decision",
                    "opinion",
                    "data",
                    "completed_by_person_id",
                    "completed_by_post_id",
                    "completed_at",
                    "voided_at",
                ),
            }
            for task in tasks
        ],
        "documents": [
            {
                "case": numbers[paper.case_id],
                **_facts(paper, "kind", "name", "sha256", "size", "added_at", "item", "subject", "file_no", "version"),
            }
            for paper in papers
        ],
        "notices": archived_notices(session, ids),
        **{name: section(session, root.id) for name, section in sorted(_SECTIONS.items())},
    }


def _names(session: Session, table: type[Agency] | type[Person], ids: Set[int | None]) -> dict[int, str]:
    return {row.id: row.name_zh for row in session.execute(select(table.id, table.name_zh).where(table.id.in_(ids)))}


def _facts(row: object, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(row, name)) is not None}
