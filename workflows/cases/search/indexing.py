"""Keeping the searchable text of cases: written in the transaction that changes what is written in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.cases.search.grams import MAX_PLAIN, fold, grams_of
from workflows.cases.search.pieces import Piece, Written, gather
from workflows.cases.search.tables import Audience, CaseSearch, Grams
from workflows.persistence import table_of

_TABLE = table_of(CaseSearch)


def _put(insert: Any) -> Any:
    added = insert(_TABLE).values(
        {name: bindparam(name) for name in ("case_id", "root_id", "audience", "plain", "grams")}
    )
    return added.on_conflict_do_update(
        index_elements=["case_id", "audience"], set_={"plain": added.excluded.plain, "grams": added.excluded.grams}
    )


_PUT = {"postgresql": _put(postgresql.insert), "sqlite": _put(sqlite.insert)}


def put_in(session: Session, written: Iterable[Written]) -> None:
    """Index what is written in cases, in place of what was indexed for them."""
    rows = [_row(one) for one in written]
    if rows:
        session.connection().execute(_PUT[session.get_bind().dialect.name], rows)


def index_opened(session: Session, case_id: int, pieces: Iterable[Piece]) -> None:
    """Index a case that has just been opened, by what is at hand: one statement."""
    put_in(session, [Written(case_id, case_id, Audience.ALL, tuple(pieces))])


def index_again(session: Session, root_ids: Collection[int]) -> None:
    """Index families of cases from what is written in them now: a few at a time, for nobody else writes meanwhile.

    Under their locks, or what somebody adds meanwhile would be overwritten by what was read before.
    """
    session.flush()
    session.execute(select(Case.id).where(Case.id.in_(root_ids)).order_by(Case.id).with_for_update())
    put_in(session, gather(session, root_ids))


def add_pieces(session: Session, case_ids: Collection[int], pieces: Iterable[Piece]) -> None:
    """Index something further that everybody who sees the cases may find: one statement, nothing read."""
    row = _row(Written(0, 0, Audience.ALL, tuple(pieces)))
    plain = "\n" + row["plain"]
    grams: ColumnElement[Any] = literal(row["grams"], Grams)
    if session.get_bind().dialect.name == "sqlite":
        grams = literal(" ").concat(grams)
    session.execute(
        update(CaseSearch)
        .where(CaseSearch.case_id.in_(case_ids), CaseSearch.audience == Audience.ALL)
        .values(plain=CaseSearch.plain.concat(plain), grams=CaseSearch.grams.op("||", return_type=Grams())(grams))
        .execution_options(synchronize_session=False)
    )


def roots_after(session: Session, after: int, limit: int, *, missing: bool = False) -> Sequence[int]:
    """Return root cases to be indexed, in the order of their keys.

    Args:
        session: read only.
        after: the last one done before; 0 to begin.
        limit: how many, at most.
        missing: only those that are not indexed.
    """
    query = select(Case.id).where(Case.id > after, Case.parent_id.is_(None)).order_by(Case.id).limit(limit)
    if missing:
        query = query.where(~exists().where(CaseSearch.case_id == Case.id))
    return session.scalars(query).all()


def _row(written: Written) -> Mapping[str, Any]:
    lines, keys, room = [], [], MAX_PLAIN
    for piece in written.pieces:
        if room <= 0:
            break
        line = fold(piece.text[:room])[:room]
        room -= len(line)
        lines.append(line)
        if piece.is_key:
            keys.append(line)
    plain = "\n".join(dict.fromkeys(line for line in lines if line))
    return {
        "case_id": written.case_id,
        "root_id": written.root_id,
        "audience": written.audience,
        "plain": plain,
        "grams": grams_of(plain, keys),
    }
