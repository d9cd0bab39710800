"""Child cases: one for each row of the application that the diagram repeats a part for.

A child is a view on its parent's process: it begins with the first of its steps and ends with the last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows import audit
from workflows.agencies.models import Agency
from workflows.cases.aggregate import Family
from workflows.cases.models import ENDED, Case, CaseStatus
from workflows.cases.notices import issue_notice
from workflows.cases.numbering import child_case_no
from workflows.cases.search.indexing import index_again
from workflows.clock import Clock
from workflows.engine import Scope, Step
from workflows.events import EventType
from workflows.permissions import Actor


def child_key(family: Family, scope: Scope) -> int | None:
    """Return which child case a scope belongs to, or None where it belongs to the case itself."""
    for item in scope:
        if "childCase" in family.node(item.node_id).attributes and isinstance(item.item, dict):
            index = item.item.get("index")
            return index if isinstance(index, int) else None
    return None


def children_for(
    session: Session,
    family: Family,
    step: Step,
    form: Callable[[], Mapping[str, Any]],
    actor: Actor | None,
    clock: Clock,
) -> dict[int, tuple[int, str]]:
    """Return child index → (id, number) for every child a move touches, creating those that do not exist yet."""
    scopes = [token.scope for token in step.opened] + [ended.scope for ended in step.scopes_ended]
    wanted = {key: scope for scope in scopes if scope and (key := child_key(family, scope)) is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(Case.child_index, Case.id, Case.no, Case.status).where(Case.parent_id == family.id)
    ).all()
    children = {row.child_index: (row.id, row.no) for row in rows}
    reopened = {key for token in step.opened if (key := child_key(family, token.scope)) is not None}
    closed = [row.id for row in rows if row.child_index in reopened and row.status in ENDED]
    _reopen(session, closed)
    for index, scope in sorted(wanted.items()):
        if index in children:
            continue
        items = _items(family, scope, form())
        if len(items) > 1:
            children[index] = _create_child(session, family, index, items[index], actor, clock)
    if len(children) > len(rows):
        index_again(session, [family.id])
    return children


def _reopen(session: Session, case_ids: Sequence[int]) -> None:
    """A child that had ended has a step again: the case went back behind its end."""
    if case_ids:
        session.execute(
            update(Case)
            .where(Case.id.in_(case_ids))
            .values(status=CaseStatus.IN_PROGRESS, outcome=None, closed_at=None, rev=Case.rev + 1)
            .execution_options(synchronize_session=False)
        )


def _items(family: Family, scope: Scope, form: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    node = next(family.node(item.node_id) for item in scope if "childCase" in family.node(item.node_id).attributes)
    collection = node.multi_instance.input_name if node.multi_instance else None
    items = form.get(collection or "")
    return items if isinstance(items, list) else ()


def _create_child(
    session: Session, family: Family, index: int, item: Mapping[str, Any], actor: Actor | None, clock: Clock
) -> tuple[int, str]:
    uscc = item.get("uscc")
    agency_id = session.scalar(select(Agency.id).where(Agency.uscc == uscc).limit(1)) if uscc else None
    child = Case(
        no=child_case_no(family.no, index),
        parent_id=family.id,
        root_id=family.id,
        child_index=index,
        process_version_id=family.process_version_id,
        measure_no=family.measure_no,
        title=family.title,
        applicant_name=str(item.get("name", family.applicant_name)),
        applicant_uscc=uscc,
        applicant_agency_id=agency_id,
        opened_by_person_id=family.opened_by_person_id,
        opened_by_agency_id=family.opened_by_agency_id,
        status=CaseStatus.IN_PROGRESS,
        rev=1,
        opened_at=clock.now(),
        accepted_at=clock.now(),
    )
    session.add(child)
    session.flush()
    payload = {"no": child.no, "parent": family.no, "applicant": child.applicant_name}
    audit.append(session, actor=actor, event=EventType.CASE_OPENED, case_id=child.id, payload=payload, clock=clock)
    return child.id, child.no


def end_children(
    session: Session,
    family: Family,
    step: Step,
    children: Mapping[int, tuple[int, str]],
    *,
    actor: Actor | None,
    clock: Clock,
) -> None:
    for ended in step.scopes_ended:
        key = child_key(family, ended.scope)
        outcome = ended.end_node_id and family.node(ended.end_node_id).attributes.get("outcome")
        if key is None or key not in children or not outcome:
            continue
        child_id, child_no = children[key]
        session.execute(
            update(Case)
            .where(Case.id == child_id)
            .values(status=CaseStatus.CLOSED, outcome=outcome, closed_at=clock.now(), rev=Case.rev + 1)
            .execution_options(synchronize_session=False)
        )
        record_close(session, child_id, child_no, outcome, actor, clock)
        issue_notice(session, child_id, kind="completion", facts={"outcome": outcome}, actor=actor, clock=clock)


def record_close(session: Session, case_id: int, no: str, outcome: str, actor: Actor | None, clock: Clock) -> None:
    """Note in the trace that a case or child case has ended."""
    audit.append(
        session,
        actor=actor,
        event=EventType.CASE_CLOSED,
        case_id=case_id,
        payload={"no": no, "outcome": outcome},
        clock=clock,
    )
