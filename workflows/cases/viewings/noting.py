"""Noting that somebody opened something: one insert, and none where it was noted a moment ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.cases.viewings.tables import Viewed, Viewing, Way
from workflows.clock import Clock
from workflows.permissions import Actor
from workflows.persistence import BigKey, UtcDateTime

ANEW_AFTER = timedelta(minutes=5)
"""Who opens the same thing again within this time has not closed it: a reader of PDF asks for it piece by piece."""


@dataclass(frozen=True)
class Opened:
    """What somebody has opened, after it was found to be theirs to see.

    Args:
        kind: what it is.
        case_no: the case through which it was opened.
        item_id: key of the version of a paper, or of the official document.
        version: of a paper.
        way: shown, or downloaded.
    """

    kind: Viewed
    case_no: str
    item_id: int | None = None
    version: int | None = None
    way: Way = Way.SHOWN


def is_noted(session: Session, opened: Opened, *, actor: Actor, clock: Clock) -> bool:
    """Tell whether the same was noted a moment ago of the same person in the same post.

    Two requests at once may both be told no; then it is noted twice.
    """
    found = (
        select(Viewing.id)
        .join(Case, Case.id == Viewing.case_id)
        .where(
            Viewing.person_id == actor.person_id,
            Viewing.at > clock.now() - ANEW_AFTER,
            Viewing.post_id == actor.post_id,
            Viewing.on_behalf_of == actor.on_behalf_of,
            Viewing.kind == opened.kind.value,
            Viewing.item_id == opened.item_id,
            Viewing.way == opened.way.value,
            Case.no == opened.case_no,
        )
    )
    return session.scalar(found.limit(1)) is not None


def note_viewing(session: Session, opened: Opened, *, actor: Actor, clock: Clock) -> None:
    """Note that the actor has opened something, in one statement that waits for no lock of a case.

    Args:
        session: a writing transaction.
        opened: what.
        actor: who, in which post, for whom.
        clock: tells when.
    """
    columns: dict[str, Any] = {
        "at": literal(clock.now(), UtcDateTime()),
        "person_id": literal(actor.person_id, BigKey),
        "post_id": literal(actor.post_id, BigKey),
        "on_behalf_of": literal(actor.on_behalf_of, BigKey),
        "case_id": Case.id,
        "kind": literal(opened.kind.value),
        "item_id": literal(opened.item_id, BigKey),
        "version": literal(opened.version, Viewing.version.type),
        "way": literal(opened.way.value),
    }
    of_case = select(*columns.values()).where(Case.no == opened.case_no)
    session.execute(insert(Viewing).from_select(list(columns), of_case))
