"""`Idempotency-Key`: the same request under the same key is carried out once and answered the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from webapp.api.models import IdempotencyKey
from workflows.clock import Clock
from workflows.errors import FieldError, InvalidInputError, LianbanError

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(hours=24)
MAX_LENGTH = 200


class IdempotencyKeyReusedError(LianbanError):
    """The key already stands for another request."""

    code = "idempotency-key-reused"


@dataclass(frozen=True)
class Request:
    """A request made under a key.

    Args:
        person_id: whose key it is; two persons' equal keys have nothing to do with each other.
        key: as the client chose it.
        call: method, path and acting post.
        body_sha256: fingerprint of the content.
    """

    person_id: int
    key: str
    call: str
    body_sha256: bytes


@dataclass(frozen=True)
class Reply:
    """An answer as it was or will be sent.

    Args:
        status: HTTP status.
        content: JSON.
        location: path of what was created, if anything was.
    """

    status: int
    content: bytes
    location: str | None = None


def read_key(value: str | None) -> str | None:
    """Return the header's value once checked, or None if there is none.

    Raises:
        InvalidInputError: empty, too long, or not plain ASCII.
    """
    if value is None:
        return None
    if not value or not value.isascii() or not value.isprintable():
        raise InvalidInputError([FieldError(HEADER, "pattern")])
    if len(value) > MAX_LENGTH:
        raise InvalidInputError([FieldError(HEADER, "too-long", {"maximum": MAX_LENGTH})])
    return value


def begin(session: Session, request: Request, *, clock: Clock) -> Reply | None:
    """Reserve the key in this transaction, or return the answer that was given under it before.

    A concurrent holder of the key is waited for, up to the database's lock timeout.

    Raises:
        IdempotencyKeyReusedError: the key was used for something else.
    """
    now = clock.now()
    _drop_if_expired(session, request, now)
    if _reserve(session, request, now):
        return None
    row = session.execute(select(IdempotencyKey).where(*_is(request))).scalar_one()
    if (row.call, row.body_sha256) != (request.call, request.body_sha256):
        raise IdempotencyKeyReusedError
    return Reply(row.status, row.answer, row.location)


def finish(session: Session, request: Request, reply: Reply) -> None:
    """Keep the answer with the change it belongs to."""
    session.execute(
        update(IdempotencyKey)
        .where(*_is(request))
        .values(status=reply.status, answer=reply.content, location=reply.location)
        .execution_options(synchronize_session=False)
    )


def sweep(session: Session, *, clock: Clock) -> int:
    """Forget the answers of more than a day ago; return how many there were."""
    found = session.execute(
        delete(IdempotencyKey)
        .where(IdempotencyKey.created_at < clock.now() - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )
    return cast(CursorResult[Any], found).rowcount


def _is(request: Request) -> tuple[Any, ...]:
    return IdempotencyKey.person_id == request.person_id, IdempotencyKey.key == request.key


def _drop_if_expired(session: Session, request: Request, now: datetime) -> None:
    session.execute(
        delete(IdempotencyKey)
        .where(*_is(request), IdempotencyKey.created_at < now - KEPT_FOR)
        .execution_options(synchronize_session=False)
    )


def _reserve(session: Session, request: Request, now: datetime) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(IdempotencyKey).values(
        person_id=request.person_id,
        key=request.key,
        call=request.call,
        body_sha256=request.body_sha256,
        status=0,
        answer=b"",
        created_at=now,
    )
    unless_taken = statement.on_conflict_do_nothing(index_elements=["person_id", "key"])
    return session.execute(unless_taken.returning(IdempotencyKey.person_id)).first() is not None
