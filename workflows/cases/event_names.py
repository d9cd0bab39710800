"""Who else an event of a case names: the receiver of a task, the agency asked to sign, whose work was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency, Person
from workflows.audit import AuditEntry
from workflows.cases.views import Named
from workflows.events import EventType

_TO_PERSON = frozenset(
    {
        EventType.TASK_ASSIGNED,
        EventType.TASK_TRANSFERRED,
        EventType.TASK_DELEGATED,
        EventType.TASK_HANDED_OVER,
        EventType.CASE_HANDED_OVER,
    }
)
_TO_AGENCY = frozenset({EventType.SIGNER_ADDED, EventType.TASK_URGED})
_TO_EITHER = frozenset({EventType.CASE_COPIED, EventType.COPY_WITHDRAWN})
"""To a person where one is named, else to the agency."""


@dataclass(frozen=True)
class EventNames:
    """Names for a page of events, looked up at once.

    Args:
        people: key and user name → name.
        agencies: code → name.
    """

    people: Mapping[object, Named]
    agencies: Mapping[object, Named]

    def receiver(self, entry: AuditEntry) -> Named | None:
        """Who was given the task, or asked to sign."""
        if entry.event in _TO_PERSON or (entry.event in _TO_EITHER and "to" in entry.payload):
            return self.people.get(entry.payload.get("to"))
        is_named = entry.event in _TO_AGENCY or entry.event in _TO_EITHER
        return self.agencies.get(entry.payload.get("agency")) if is_named else None

    def principal(self, entry: AuditEntry) -> Named | None:
        """Whose work was done, where somebody stood in for them."""
        return self.people.get(entry.payload.get("on_behalf_of"))


def names_in(session: Session, entries: Sequence[AuditEntry]) -> EventNames:
    """Look up whom the events name."""
    usernames = {entry.payload.get("to") for entry in entries if entry.event in _TO_PERSON | _TO_EITHER} - {None}
    keys = {entry.payload["on_behalf_of"] for entry in entries if "on_behalf_of" in entry.payload}
    codes = {entry.payload.get("agency") for entry in entries if entry.event in _TO_AGENCY | _TO_EITHER} - {None}
    people: dict[object, Named] = {}
    if usernames or keys:
        for person in session.scalars(select(Person).where(or_(Person.username.in_(usernames), Person.id.in_(keys)))):
            people[person.username] = people[person.id] = Named(person.username, person.name_zh, person.name_en)
    agencies: dict[object, Named] = {}
    if codes:
        for agency in session.scalars(select(Agency).where(Agency.code.in_(codes))):
            agencies[agency.code] = Named(agency.code, agency.short_zh, agency.short_en)
    return EventNames(people, agencies)
