"""Entries live and die with the transaction, and with the savepoint, that they were recorded in."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.database import begin_write
from workflows import audit
from workflows.audit import AuditChain, AuditEntry
from workflows.clock import FixedClock
from workflows.events import EventType


def note(session: Session, clock: FixedClock, word: str) -> None:
    audit.append(session, actor=None, event=EventType.LOGGED_OUT, clock=clock, payload={"word": word})


def _note_and_fail(session: Session, clock: FixedClock) -> None:
    with session.begin_nested():
        note(session, clock, "inside")
        session.add(AuditChain(code="X", seq=0, hash=bytes(32)))
        session.flush()


def words(session: Session) -> list[str]:
    return [entry.payload["word"] for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_an_entry_is_written_with_the_commit(session: Session, clock: FixedClock) -> None:
    note(session, clock, "kept")
    session.commit()
    assert words(session) == ["kept"]
    assert audit.verify(session).ok


def test_a_rolled_back_transaction_leaves_no_entry(session: Session, clock: FixedClock) -> None:
    note(session, clock, "lost")
    session.rollback()
    note(session, clock, "kept")
    session.commit()
    assert words(session) == ["kept"]


def test_a_savepoint_rolled_back_takes_only_its_own_entries(session: Session, clock: FixedClock) -> None:
    note(session, clock, "before")
    savepoint = session.begin_nested()
    note(session, clock, "inside")
    savepoint.rollback()
    note(session, clock, "after")
    session.commit()
    assert words(session) == ["before", "after"]
    assert audit.verify(session).ok


def test_nested_savepoints_each_take_their_own(session: Session, clock: FixedClock) -> None:
    note(session, clock, "one")
    with session.begin_nested():
        note(session, clock, "two")
        inner = session.begin_nested()
        note(session, clock, "three")
        inner.rollback()
    session.commit()
    assert words(session) == ["one", "two"]


def test_a_flush_that_fails_inside_a_savepoint_takes_nothing_from_outside_it(
    session: Session, clock: FixedClock
) -> None:
    session.add(AuditChain(code="X", seq=0, hash=bytes(32)))
    session.flush()
    note(session, clock, "before")
    with pytest.raises(IntegrityError):
        _note_and_fail(session, clock)
    session.commit()
    assert words(session) == ["before"]


def test_a_session_closed_without_a_commit_forgets_its_entries(engine: Engine, clock: FixedClock) -> None:
    session = Session(engine)
    begin_write(session)
    note(session, clock, "lost")
    session.close()
    begin_write(session)
    note(session, clock, "kept")
    session.commit()
    assert words(session) == ["kept"]
    session.close()


def test_entries_of_one_commit_that_fails_are_not_carried_into_the_next(session: Session, clock: FixedClock) -> None:
    session.add(AuditChain(code="X", seq=0, hash=bytes(32)))
    session.commit()
    note(session, clock, "lost")
    session.add(AuditChain(code="X", seq=0, hash=bytes(32)))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    note(session, clock, "kept")
    session.commit()
    assert words(session) == ["kept"]
