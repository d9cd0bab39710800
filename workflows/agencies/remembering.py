"""What work is routed by, remembered in the process as long as nothing of it changes.

Agencies, posts, who holds them and who is responsible change some times a year and are asked for with every act. The
database itself notes a change: triggers give the row of `directory_stamp` a new random value, whoever makes the change
and in whatever way. Whoever locks a case reads the stamp along with it, and what was looked up under that stamp holds
for it: a later answer could only be newer, and a stamp never comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from workflows.agencies.models import DirectoryStamp

MOST = 4096
"""Answers kept; a city asks for some hundred different ones a day."""

_Answer = TypeVar("_Answer")
_known: dict[Hashable, Any] = {}


def current_stamp() -> ScalarSelect[int]:
    """Return the stamp as a column for queries; NULL while nothing was ever entered."""
    return select(DirectoryStamp.value).where(DirectoryStamp.id == 1).scalar_subquery()


def read_stamp(session: Session) -> int | None:
    """Return the stamp as the transaction sees it."""
    return session.scalar(_READ)


_READ = select(DirectoryStamp.value).where(DirectoryStamp.id == 1)
"""Built once: it runs with every case that is opened."""


def remember(stamp: int | None, key: Hashable, look_up: Callable[[], _Answer]) -> _Answer:
    """Return what `look_up` returns, without looking it up again under the same stamp.

    Args:
        stamp: read in this transaction, which has not changed the directory since; None always looks.
        key: names the question, its day included.
        look_up: gives something immutable, read after the stamp was.
    """
    if stamp is None:
        return look_up()
    whole = (stamp, key)
    if whole in _known:
        answer: _Answer = _known[whole]
        return answer
    found = look_up()
    if len(_known) >= MOST:
        _known.clear()
    _known[whole] = found
    return found


def noting_changes(*watched: str) -> Mapping[str, tuple[str, ...]]:
    """Return dialect → the triggers that give the directory a new stamp when one of these tables changes.

    Args:
        watched: table, or `table(column, column)` where only those columns are asked for.
    """
    return {
        "sqlite": tuple(_sqlite(table, event) for table in watched for event in ("INSERT", "UPDATE", "DELETE")),
        "postgresql": tuple(_postgresql(table) for table in watched),
    }


def _parts(watched: str) -> tuple[str, str]:
    table, _, columns = watched.rstrip(")").partition("(")
    return table, f" OF {columns}" if columns else ""


def _sqlite(watched: str, event: str) -> str:
    table, columns = _parts(watched)
    change = f"{event}{columns}" if event == "UPDATE" else event
    return (
        f"CREATE TRIGGER {table}_directory_{event.lower()} AFTER {change} ON {table} BEGIN "  # noqa: S608  # our own names
        "INSERT OR REPLACE INTO directory_stamp (id, value) VALUES (1, random()); END"
    )


def _postgresql(watched: str) -> str:
    table, columns = _parts(watched)
    return (
        f"CREATE TRIGGER {table}_directory AFTER INSERT OR UPDATE{columns} OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION directory_changed()"
    )


FUNCTION_DDL: Mapping[str, tuple[str, ...]] = {
    "sqlite": (),
    "postgresql": (
        "CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO directory_stamp (id, value) VALUES (1, floor(random() * 9e18)::bigint) "
        "ON CONFLICT (id) DO UPDATE SET value = excluded.value; RETURN NULL; END $$",
    ),
}
"""Executed before the triggers."""

DIRECTORY_DDL = noting_changes(
    "agency", "agency_group_member", "post", "appointment", "person(is_active, username, name_zh, name_en)"
)
