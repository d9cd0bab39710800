"""Appending to the chains and proving them whole.

Entries are gathered during a transaction and written when it commits, all at once and last: the chain's row lock is
then held only for the commit itself, and two officers of one agency hardly ever wait for each other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, LargeBinary, bindparam, event, func, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from workflows.audit.models import AuditChain, AuditEntry
from workflows.clock import Clock
from workflows.events import EventType
from workflows.permissions import Actor
from workflows.persistence import canonical_json, table_of

SYSTEM_CHAIN = "SYSTEM"
"""The chain of what the system does by itself: timers, messages, set-up."""

_PENDING = "audit_pending"
_MARKS = "audit_savepoints"


@dataclass(frozen=True)
class _Pending:
    chain: str
    at: datetime
    event: str
    person_id: int | None
    post_id: int | None
    case_id: int | None
    task_id: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class ChainReport:
    """What a verification found.

    Args:
        ok: every entry follows from the one before it, and the heads agree.
        entries: how many entries were read.
        first_bad: id of the first entry that does not fit, or None.
        chains: how many chains there are.
        fingerprint: SHA-256 over all heads, in hex; noted elsewhere, it shows later whether they were ever others.
    """

    ok: bool
    entries: int
    first_bad: int | None
    chains: int = 0
    fingerprint: str = ""


def append(
    session: Session,
    *,
    actor: Actor | None,
    event: EventType,
    clock: Clock,
    case_id: int | None = None,
    task_id: int | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Record a fact; it is written with the transaction that `session` is in, or not at all.

    Args:
        session: the transaction.
        actor: who did it, or None for the system itself.
        event: what happened.
        clock: tells when.
        case_id: the case concerned.
        task_id: the task concerned.
        payload: JSON values; what is needed to tell the fact again later, even if names change.
    """
    session.info.setdefault(_PENDING, []).append(
        _Pending(
            chain=actor.agency_code if actor else SYSTEM_CHAIN,
            at=clock.now(),
            event=event.value,
            person_id=actor.person_id if actor else None,
            post_id=actor.post_id if actor else None,
            case_id=case_id,
            task_id=task_id,
            payload={**(payload or {}), **_on_behalf(actor)},
        )
    )


def _on_behalf(actor: Actor | None) -> Mapping[str, Any]:
    """Whose work an act was, where the actor stood in for them: both are on record, always."""
    return {"on_behalf_of": actor.on_behalf_of} if actor and actor.on_behalf_of else {}


def _digest(previous: bytes, fields: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(previous + _body(fields)).digest()


def _body(fields: Mapping[str, Any]) -> bytes:
    at: datetime = fields["at"]
    return canonical_json({**fields, "at": at.isoformat(timespec="microseconds")})


def _hashed_fields(entry: _Pending | AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "event": entry.event,
        "person_id": entry.person_id,
        "post_id": entry.post_id,
        "case_id": entry.case_id,
        "task_id": entry.task_id,
        "payload": entry.payload,
    }


# Built once: these run with every act of everybody.
_CHAIN = table_of(AuditChain)
_LOCK_CHAIN = (
    select(_CHAIN.c.id, _CHAIN.c.seq, _CHAIN.c.hash).where(_CHAIN.c.code == bindparam("code")).with_for_update()
)
_MOVE_HEAD = (
    update(_CHAIN).where(_CHAIN.c.id == bindparam("chain")).values(seq=bindparam("last"), hash=bindparam("head"))
)
_ENTRY = table_of(AuditEntry)
_ADD_ENTRIES = insert(_ENTRY)
_FIELDS = ("at", "event", "person_id", "post_id", "case_id", "task_id", "payload")
_HEAD = (
    update(_CHAIN)
    .where(_CHAIN.c.code == bindparam("chain_code"))
    .values(seq=_CHAIN.c.seq + 1, hash=func.sha256(_CHAIN.c.hash.concat(bindparam("body", type_=LargeBinary))))
    .returning(_CHAIN.c.id, _CHAIN.c.seq, _CHAIN.c.hash)
    .cte("head")
)
_APPEND_ONE = (
    insert(_ENTRY)
    .from_select(
        ["chain_id", "seq", "hash", *_FIELDS],
        select(_HEAD.c.id, _HEAD.c.seq, _HEAD.c.hash, *(bindparam(f, type_=_ENTRY.c[f].type) for f in _FIELDS)),
    )
    .execution_options(preserve_rowcount=True)
)
"""Most acts record one fact: PostgreSQL then locks the chain, computes the hash and adds the entry in one statement."""


def _lock_chain(connection: Connection, code: str) -> tuple[int, int, bytes]:
    row = connection.execute(_LOCK_CHAIN, {"code": code}).one_or_none()
    if row is None:
        _create_chain(connection, code)
        row = connection.execute(_LOCK_CHAIN, {"code": code}).one()
    return row.id, row.seq, row.hash


def _create_chain(connection: Connection, code: str) -> None:
    """Two first entries of one agency may race: the loser's insert does nothing and both then lock the same row."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as dialect_insert
    else:
        from sqlalchemy.dialects.sqlite import insert as dialect_insert  # type: ignore[assignment]
    statement = dialect_insert(AuditChain).values(code=code, seq=0, hash=bytes(32))
    connection.execute(statement.on_conflict_do_nothing(index_elements=["code"]))


def _write_pending(session: Session) -> None:
    pending: list[_Pending] = session.info.pop(_PENDING, [])
    if not pending:
        return
    connection = session.connection()  # plain statements: the session's own way round costs as much again
    by_chain: dict[str, list[_Pending]] = defaultdict(list)
    for entry in pending:
        by_chain[entry.chain].append(entry)
    for code in sorted(by_chain):  # one order for all transactions: no deadlock
        if len(by_chain[code]) == 1 and connection.dialect.name == "postgresql":
            _append_one(connection, code, _hashed_fields(by_chain[code][0]))
            continue
        chain_id, seq, head = _lock_chain(connection, code)
        rows = []
        for entry in by_chain[code]:
            seq += 1
            fields = _hashed_fields(entry)
            head = _digest(head, fields)
            rows.append({**fields, "chain_id": chain_id, "seq": seq, "hash": head})
        connection.execute(_ADD_ENTRIES, rows)
        connection.execute(_MOVE_HEAD, {"chain": chain_id, "last": seq, "head": head})


def _append_one(connection: Connection, code: str, fields: Mapping[str, Any]) -> None:
    entry = {**fields, "chain_code": code, "body": _body(fields)}
    if connection.execute(_APPEND_ONE, entry).rowcount != 1:
        _create_chain(connection, code)
        if connection.execute(_APPEND_ONE, entry).rowcount != 1:
            raise RuntimeError(f"no entry could be added to the chain {code}")


@event.listens_for(Session, "before_commit")
def _on_commit(session: Session) -> None:
    if _PENDING in session.info and not session.in_nested_transaction():
        session.flush()
        _write_pending(session)


@event.listens_for(Session, "after_transaction_create")
def _on_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        marks = session.info.setdefault(_MARKS, WeakKeyDictionary())
        marks[transaction] = len(session.info.get(_PENDING, ()))


@event.listens_for(Session, "after_soft_rollback")
def _on_rollback(session: Session, previous: SessionTransaction) -> None:
    """A savepoint takes back what was recorded since it began; a flush that fails takes its savepoint along."""
    boundary = previous
    while not boundary.nested and boundary.parent is not None:
        boundary = boundary.parent
    if boundary.nested:
        del session.info.get(_PENDING, [])[session.info[_MARKS][boundary] :]


@event.listens_for(Session, "after_transaction_end")
def _on_end(session: Session, transaction: SessionTransaction) -> None:
    """However a transaction ended, committed, rolled back or just closed, nothing of it passes into the next."""
    if transaction.parent is None:
        session.info.pop(_PENDING, None)


def verify(session: Session, *, batch: int = 2000) -> ChainReport:
    """Recompute every chain from its first entry.

    Reads all entries, `batch` at a time; meant for the audit administrator and the command line.
    """
    entries = 0
    heads = select(AuditChain.id, AuditChain.code, AuditChain.seq, AuditChain.hash).order_by(AuditChain.code)
    chains = session.execute(heads).all()
    whole = hashlib.sha256()
    for chain in chains:
        whole.update(f"{chain.code} {chain.seq} {chain.hash.hex()}\n".encode())
        seq, head = 0, bytes(32)
        while True:
            page = session.scalars(
                select(AuditEntry)
                .where(AuditEntry.chain_id == chain.id, AuditEntry.seq > seq)
                .order_by(AuditEntry.seq)
                .limit(batch)
            ).all()
            for entry in page:
                expected = _digest(head, _hashed_fields(entry))
                if entry.seq != seq + 1 or entry.hash != expected:
                    return ChainReport(ok=False, entries=entries, first_bad=entry.id)
                seq, head = entry.seq, entry.hash
                entries += 1
            session.expunge_all()
            if len(page) < batch:
                break
        if (seq, head) != (chain.seq, chain.hash):
            return ChainReport(ok=False, entries=entries, first_bad=None)
    return ChainReport(True, entries, None, len(chains), whole.hexdigest())
