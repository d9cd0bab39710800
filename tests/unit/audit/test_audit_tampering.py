"""Whatever is done to the entries behind the program's back, the check of the chain finds it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from workflows import audit
from workflows.cases.traced import untraced_tasks
from workflows.clock import FixedClock
from workflows.events import EventType

TRIGGERS_OFF = {
    "sqlite": (
        "DROP TRIGGER audit_entry_no_update",
        "DROP TRIGGER audit_entry_no_delete",
        "DROP TRIGGER audit_chain_no_delete",
        "DROP TRIGGER audit_chain_forward",
    ),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


@pytest.fixture
def ids(session: Session, clock: FixedClock) -> list[int]:
    """Six entries in one chain, in three transactions."""
    for round_ in range(3):
        for word in ("first", "second"):
            payload = {"round": round_, "word": word}
            audit.append(session, actor=None, event=EventType.LOGGED_OUT, clock=clock, payload=payload)
        session.commit()
    assert audit.verify(session).ok
    return list(session.scalars(text("SELECT id FROM audit_entry ORDER BY seq")))


def tamper(session: Session, *statements: str) -> None:
    session.rollback()
    for statement in (*TRIGGERS_OFF[session.get_bind().dialect.name], *statements):
        session.connection().exec_driver_sql(statement)
    session.commit()


@pytest.mark.parametrize("verb", ["UPDATE audit_entry SET event = 'login.failed'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_or_delete_entries(session: Session, ids: list[int], verb: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(verb))
    session.rollback()
    report = audit.verify(session)
    assert (report.ok, report.entries, report.chains) == (True, 6, 1)


CHANGES: dict[str, str] = {
    "event": "UPDATE audit_entry SET event = 'login.failed' WHERE id = {2}",
    "payload": """UPDATE audit_entry SET payload = '{{"round":1,"word":"other"}}' WHERE id = {2}""",
    "person": "UPDATE audit_entry SET person_id = 1 WHERE id = {2}",
    "post": "UPDATE audit_entry SET post_id = 1 WHERE id = {2}",
    "case": "UPDATE audit_entry SET case_id = 1 WHERE id = {2}",
    "task": "UPDATE audit_entry SET task_id = 1 WHERE id = {2}",
    "moment": "UPDATE audit_entry SET at = '2019-10-14 02:00:01.000000' WHERE id = {2}",
    "removed": "DELETE FROM audit_entry WHERE id = {2}",
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_entry_changed_or_removed_is_found(session: Session, ids: list[int], what: str) -> None:
    tamper(session, CHANGES[what].format(*ids))
    report = audit.verify(session)
    assert not report.ok
    assert report.first_bad == (ids[3] if what == "removed" else ids[2])


def test_entries_that_changed_places_are_found(session: Session, ids: list[int]) -> None:
    tamper(
        session,
        f"UPDATE audit_entry SET seq = -1 WHERE id = {ids[2]}",
        f"UPDATE audit_entry SET seq = 3 WHERE id = {ids[3]}",
        f"UPDATE audit_entry SET seq = 4 WHERE id = {ids[2]}",
    )
    assert audit.verify(session).first_bad == ids[3]


def test_an_inserted_entry_is_found(session: Session, ids: list[int]) -> None:
    copied = "chain_id, 7, at, event, person_id, post_id, case_id, task_id, payload, hash"
    tamper(
        session,
        "INSERT INTO audit_entry (chain_id, seq, at, event, person_id, post_id, case_id, task_id, payload, hash) "
        f"SELECT {copied} FROM audit_entry WHERE id = {ids[5]}",
    )
    assert not audit.verify(session).ok


def test_the_last_entry_cut_off_is_found(session: Session, ids: list[int]) -> None:
    tamper(session, f"DELETE FROM audit_entry WHERE id = {ids[5]}")
    assert audit.verify(session) == audit.ChainReport(ok=False, entries=5, first_bad=None)


@pytest.mark.parametrize("batch", [1, 2, 6, 7])
def test_the_check_reads_all_entries_whatever_the_batch(session: Session, ids: list[int], batch: int) -> None:
    assert audit.verify(session, batch=batch).entries == len(ids)


def test_the_triggers_are_there_on_every_database(engine: Engine, session: Session, ids: list[int]) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text("UPDATE audit_entry SET task_id = 1"))


@pytest.mark.parametrize(
    "verb",
    [
        "DELETE FROM audit_chain",
        "UPDATE audit_chain SET seq = seq - 1",
        "UPDATE audit_chain SET hash = hash",
        "UPDATE audit_chain SET code = 'OTHER', seq = seq + 1",
    ],
)
def test_a_chain_is_neither_removed_nor_shortened(session: Session, ids: list[int], verb: str) -> None:
    with pytest.raises(DBAPIError, match="only moves forward"):
        session.execute(text(verb))


@pytest.mark.parametrize("table", ["audit_entry", "audit_chain", "payment_event", "payment_order"])
def test_what_only_grows_cannot_be_truncated(session: Session, engine: Engine, table: str) -> None:
    if engine.dialect.name != "postgresql":
        return  # SQLite has no such statement
    with pytest.raises(DBAPIError, match=r"append-only|only moves forward"):
        session.execute(text(f"TRUNCATE {table} CASCADE"))


def test_the_fingerprint_tells_other_heads_apart(session: Session, ids: list[int], clock: FixedClock) -> None:
    noted = audit.verify(session).fingerprint
    assert audit.verify(session).fingerprint == noted
    audit.append(session, actor=None, event=EventType.LOGGED_OUT, clock=clock)
    session.commit()
    assert audit.verify(session).fingerprint != noted


@pytest.mark.parametrize("gone", ["a whole chain", "the last entry with its head"])
def test_a_step_whose_entry_is_gone_with_all_traces_is_missed(session: Session, clock: FixedClock, gone: str) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    office.do("jr.handler", "formal_check", "accept")
    assert untraced_tasks(session) == ()
    chain = "(SELECT id FROM audit_chain WHERE code = 'JR')"
    if gone == "a whole chain":
        tamper(
            session,
            f"DELETE FROM audit_entry WHERE chain_id = {chain}",
            "DELETE FROM audit_chain WHERE code = 'JR'",
        )
    else:
        tamper(
            session,
            f"DELETE FROM audit_entry WHERE chain_id = {chain} AND task_id IS NOT NULL",
            "UPDATE audit_chain SET seq = 0 WHERE code = 'JR'",
        )
    assert len(untraced_tasks(session)) == 1
