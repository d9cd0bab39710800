"""Keeping the searchable text of cases: written in the transaction that changes what is written in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.models import Case
from workflows.cases.search.grams import MAX_INTERNAL, MAX_PLAIN, fold, grams_of
from workflows.cases.search.pieces import Piece, Written, gather
from workflows.cases.search.tables import Audience, CaseSearch, Grams
from workflows.cases.search.texts import Texts
from workflows.persistence import table_of

FAMILIES_AT_ONCE = 20
"""Written in one transaction: on SQLite nobody else can act on any case meanwhile."""
TEXT_AT_ONCE = 500_000
"""Characters after which it ends, though fewer were written."""

_TABLE = table_of(CaseSearch)


def _put(insert: Any) -> Any:
    added = insert(_TABLE).values(
        {name: bindparam(name) for name in ("case_id", "root_id", "audience", "plain", "grams")}
    )
    return added.on_conflict_do_update(
        index_elements=["case_id", "audience"], set_={"plain": added.excluded.plain, "grams": added.excluded.grams}
    )


_PUT = {"postgresql": _put(postgresql.insert), "sqlite": _put(sqlite.insert)}


@dataclass(frozen=True)
class Prepared:
    """Families of cases ready to be indexed.

    Args:
        root_ids: their roots.
        written: root → what was written in the family when it was read.
        rows: of the index.
    """

    root_ids: tuple[int, ...]
    written: Mapping[int, Sequence[Written]]
    rows: tuple[Mapping[str, Any], ...]


def index_opened(session: Session, case_id: int, pieces: Iterable[Piece]) -> None:
    """Index a case that has just been opened, by what is at hand: one statement."""
    _put_in(session, _rows(session, [Written(case_id, case_id, Audience.ALL, tuple(pieces))]))


def index_again(session: Session, root_ids: Collection[int]) -> None:
    """Index families of cases from what is written in them now: for one case, in the transaction that changes it.

    Under their locks, or what somebody adds meanwhile would be overwritten by what was read before.
    """
    _lock(session, root_ids)
    for written in _by_root(gather(session, root_ids)).values():
        _put_in(session, _rows(session, written))


def prepare(session: Session, root_ids: Sequence[int]) -> Prepared:
    """Make ready what many families are indexed by, with nobody kept waiting; `put_prepared` follows.

    Args:
        session: read only.
        root_ids: the families wanted.

    Returns:
        As many of them, from the first on, as go into one transaction.
    """
    found = _by_root(gather(session, root_ids[:FAMILIES_AT_ONCE]))
    done: list[int] = []
    rows: list[Mapping[str, Any]] = []
    for root_id in root_ids[:FAMILIES_AT_ONCE]:
        done.append(root_id)
        rows += _rows(session, found.get(root_id, ()))
        if sum(len(row["plain"]) for row in rows) >= TEXT_AT_ONCE:
            break
    return Prepared(tuple(done), found, tuple(rows))


def put_prepared(session: Session, prepared: Prepared) -> None:
    """Index prepared families; one in which something was written meanwhile, from what is written in it now."""
    _lock(session, prepared.root_ids)
    now = _by_root(gather(session, prepared.root_ids))
    same = {root_id for root_id, written in now.items() if written == prepared.written.get(root_id)}
    _put_in(session, [row for row in prepared.rows if row["root_id"] in same])
    for root_id in now.keys() - same:
        _put_in(session, _rows(session, now[root_id]))


def add_pieces(session: Session, case_ids: Collection[int], pieces: Iterable[Piece]) -> None:
    """Index something further that everybody who sees the cases may find: one statement, nothing read."""
    (row,) = _rows(session, [Written(0, 0, Audience.ALL, tuple(pieces))])
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


def _lock(session: Session, root_ids: Collection[int]) -> None:
    session.flush()
    session.execute(select(Case.id).where(Case.id.in_(root_ids)).order_by(Case.id).with_for_update())


def _by_root(written: Iterable[Written]) -> dict[int, list[Written]]:
    families: dict[int, list[Written]] = {}
    for one in written:
        families.setdefault(one.root_id, []).append(one)
    return families


def _put_in(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.connection().execute(_PUT[session.get_bind().dialect.name], rows)


def _rows(session: Session, family: Sequence[Written]) -> list[Mapping[str, Any]]:
    texts = Texts(session, family)
    return [_row(written, texts) for written in family]


def _row(written: Written, texts: Texts) -> Mapping[str, Any]:
    lines, keys = [], []
    room = MAX_PLAIN if written.audience == Audience.ALL else MAX_INTERNAL
    for piece in written.pieces:
        if room <= 0:
            break
        line = fold(texts.of(piece, room))[:room]  # folded, a text may be longer
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
