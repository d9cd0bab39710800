"""The pauses of a case's clocks: from when, to when, and why; stored as facts that nobody changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflows.clock import office_date
from workflows.deadlines.counting import Pause
from workflows.deadlines.tables import ClockPause, ClockPauseEnd, PauseKind
from workflows.persistence import table_of


@dataclass(frozen=True)
class StoredPause:
    """One stretch in which clocks of a case stood still.

    Args:
        node_id: the step waited for, or None where the case was suspended.
        reason: what the officer wrote who suspended it.
        ended_at: None while it lasts.
    """

    kind: PauseKind
    node_id: str | None
    reason: str | None
    began_at: datetime
    ended_at: datetime | None


def stop_clock(
    session: Session,
    case_id: int,
    kind: PauseKind,
    *,
    at: datetime,
    node_id: str | None = None,
    reason: str | None = None,
) -> None:
    """Note that clocks of a root case stand still from now on."""
    row = {"case_id": case_id, "kind": kind.value, "node_id": node_id, "reason": reason, "began_at": at}
    session.connection().execute(insert(table_of(ClockPause)), row)


def start_clock(session: Session, case_id: int, kinds: Collection[PauseKind], *, at: datetime) -> None:
    """Note that those pauses of a root case that still last, of these kinds, are over."""
    lasting = session.scalars(
        select(ClockPause.id)
        .outerjoin(ClockPauseEnd, ClockPauseEnd.pause_id == ClockPause.id)
        .where(ClockPause.case_id == case_id, ClockPause.kind.in_(kinds), ClockPauseEnd.pause_id.is_(None))
    ).all()
    if lasting:
        ends = [{"pause_id": pause_id, "ended_at": at} for pause_id in lasting]
        session.connection().execute(insert(table_of(ClockPauseEnd)), ends)


def pauses_of(session: Session, case_id: int) -> tuple[StoredPause, ...]:
    """Return the pauses of a root case, oldest first."""
    rows = session.execute(
        select(ClockPause, ClockPauseEnd.ended_at)
        .outerjoin(ClockPauseEnd, ClockPauseEnd.pause_id == ClockPause.id)
        .where(ClockPause.case_id == case_id)
        .order_by(ClockPause.id)
    )
    return tuple(
        StoredPause(
            PauseKind(row.ClockPause.kind),
            row.ClockPause.node_id,
            row.ClockPause.reason,
            row.ClockPause.began_at,
            row.ended_at,
        )
        for row in rows
    )


def as_days(pauses: Iterable[StoredPause], *, until: datetime | None = None) -> tuple[Pause, ...]:
    """Return pauses as the counting of days takes them.

    Args:
        pauses: as stored.
        until: where a pause that still lasts is cut off; without it such a pause is left out.
    """
    return tuple(
        Pause(office_date(pause.began_at), office_date(end), pause.kind)
        for pause in pauses
        if (end := pause.ended_at or until) is not None
    )
