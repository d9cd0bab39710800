"""常用语: what a person often writes, for one decision or for any."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from workflows.cases.access import require
from workflows.cases.desk.models import Phrase
from workflows.cases.desk.texts import short_text
from workflows.cases.desk.upsert import put
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, NotFoundError
from workflows.permissions import Actor, Permission

MAX_PHRASES = 30
MAX_TEXT = 200


@dataclass(frozen=True)
class PhraseView:
    """A phrase; `decision` is empty where it suits any."""

    id: int
    decision: str
    text: str


def add_phrase(session: Session, text: str, *, decision: str = "", actor: Actor, clock: Clock) -> None:
    """Keep a phrase; the same one again changes nothing.

    Raises:
        InvalidInputError: empty, too long, or one too many (`text`); no such decision (`decision`).
    """
    require(actor, Permission.TASK_COMPLETE)
    kept = short_text(text, "text", MAX_TEXT)
    if len(decision) > 40 or not (decision == "" or decision.isidentifier()):
        raise InvalidInputError([FieldError("decision", "not-in-list")])
    number = session.scalar(select(func.count()).select_from(Phrase).where(Phrase.person_id == actor.person_id)) or 0
    if number >= MAX_PHRASES:
        raise InvalidInputError([FieldError("text", "too-many", {"maximum": MAX_PHRASES})])
    key = {"person_id": actor.person_id, "decision": decision, "text": kept}
    put(session, Phrase, key, {"added_at": clock.now()})


def list_phrases(session: Session, *, actor: Actor) -> tuple[PhraseView, ...]:
    """Return the actor's phrases, the oldest first."""
    rows = session.scalars(select(Phrase).where(Phrase.person_id == actor.person_id).order_by(Phrase.id)).all()
    return tuple(PhraseView(row.id, row.decision, row.text) for row in rows)


def remove_phrase(session: Session, phrase_id: int, *, actor: Actor) -> None:
    """Throw a phrase away.

    Raises:
        NotFoundError: no such phrase of the actor's.
    """
    require(actor, Permission.TASK_COMPLETE)
    gone = session.execute(delete(Phrase).where(Phrase.id == phrase_id, Phrase.person_id == actor.person_id))
    if not gone.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError("phrase", phrase_id)
