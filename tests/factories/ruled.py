"""Processes with rules for steps that nobody may be offered, and what is seen of a rule that acted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import delete, select

from tests.factories.cases import LIBRARY, Office, publish_changed
from tests.factories.org import actor, agency, appoint, make_post, person
from workflows import outbox
from workflows.agencies.end_appointment import end_appointment
from workflows.agencies.models import Appointment
from workflows.audit import AuditEntry
from workflows.cases import OUTBOX_HANDLERS
from workflows.cases.assignment.changing import approve_change, request_change
from workflows.cases.assignment.defaults import current_defaults
from workflows.cases.models import HumanTask, Incident
from workflows.cases.notifications import list_notifications
from workflows.permissions import PostKind

MONDAY = date(2019, 10, 14)


def ruled(office: Office, tmp_path: Path, section: dict[str, str], leader: dict[str, str] | None = None) -> None:
    """Publish the library with these rules, and no others, at the section's review and the leader's instruction."""
    text = (LIBRARY / "bond_subsidy" / "process.bpmn").read_text()
    changes = []
    for node_id, rules in (("section_review", section), ("leader_approval", leader or {})):
        head = next(line.strip() for line in text.splitlines() if f'<bpmn:userTask id="{node_id}"' in line)
        bare = " ".join(word for word in head.removesuffix(">").split(" ") if not word.startswith("lianban:if"))
        added = "".join(f' lianban:{name}="{rule}"' for name, rule in rules.items())
        changes.append((head, f"{bare}{added}>"))
    publish_changed(office.session, office.clock, tmp_path, *changes)


def set_rules(office: Office, rules: Mapping[str, str], *, note: str = "试行") -> int:
    """Have two administrators set the deployment's rules, and return the version in force."""
    now = current_defaults(office.session)
    if now.rules == rules:
        return now.number
    change = office.act(request_change, "admin.system", rules, note=note, number=now.number)
    approved = office.act(approve_change, "admin.security", change.id)
    assert approved.number is not None
    return approved.number


def vacate(office: Office, username: str) -> None:
    """End all that somebody holds, behind the service's back: nothing is queued."""
    office.session.execute(delete(Appointment).where(Appointment.person_id == person(office.session, username).id))
    office.session.commit()


def also(office: Office, username: str, kind: PostKind, code: str = "JR") -> None:
    who = person(office.session, username)
    appoint(office.session, who, make_post(office.session, agency(office.session, code), kind, seat=9), from_on=MONDAY)
    office.session.commit()


def drafted(office: Office, by: str = "jr.handler") -> str:
    """Return the number of a case whose draft is done, so that the section's review has been offered."""
    no = office.accept("YHQ")
    office.verify(no, "YHQ")
    office.do(by, "municipal_review", "file", opinion="拟同意")
    return no


def task_of(office: Office, node_id: str) -> HumanTask:
    query = select(HumanTask).where(HumanTask.node_id == node_id).order_by(HumanTask.id.desc()).limit(1)
    return office.session.scalars(query.execution_options(populate_existing=True)).one()


def entries(office: Office, event: str) -> list[AuditEntry]:
    return list(office.session.scalars(select(AuditEntry).where(AuditEntry.event == event).order_by(AuditEntry.id)))


def told(office: Office, username: str) -> list[str]:
    who = actor(office.session, username, office.clock)
    return [row.kind for row in list_notifications(office.session, actor=who, clock=office.clock).items]


def open_incidents(office: Office) -> list[Incident]:
    query = select(Incident).where(Incident.resolved_at.is_(None)).execution_options(populate_existing=True)
    return list(office.session.scalars(query))


def drain(office: Office) -> None:
    outbox.drain(office.session, OUTBOX_HANDLERS, clock=office.clock, limit=50)
    office.session.commit()
    office.session.connection(execution_options={"write": True})


def end_posts(office: Office, usernames: Iterable[str]) -> None:
    for username in usernames:
        query = select(Appointment.id).where(Appointment.person_id == person(office.session, username).id)
        for key in office.session.scalars(query).all():
            office.act(end_appointment, "admin.system", key)
