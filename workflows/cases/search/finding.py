"""Finding cases by their text: whose the case is and what is written in it are asked in one statement.

On PostgreSQL a word may stand in nearly every case or in one of a million. The newest cases the reader sees are looked
through first: a common word has filled its page then. If it has not, the word is rare among them, and the full-text
index is asked; if that would name too many cases of others, the reader's are looked through further, so many at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, any_, case, cast, exists, func, literal, or_, select, text, true, union
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session, aliased

from workflows.cases.access import visible_among
from workflows.cases.collaboration.tables import CaseCopy
from workflows.cases.grounds import copied_to
from workflows.cases.listed import listed, stands_alone
from workflows.cases.models import Case, CaseSuccession, HumanTask
from workflows.cases.search.grams import Asked, Gram
from workflows.cases.search.tables import Audience, CaseSearch, lexeme, token
from workflows.permissions import Actor, Permission, PostKind

FIRST_WINDOW = 1000
WINDOW = 3000
"""Cases of the reader's looked through at a time."""
WINDOWS = 2
"""So many for one page, at most; then what was found is answered, with where to go on."""
MANY = 5000
"""Cases the index may name before each of them is asked whether the reader sees it."""

_Holding = aliased(Case)
"""The case whose own text was found; it is listed itself, or the root of its family is."""


@dataclass(frozen=True)
class Search:
    """What is looked for, by whom.

    Args:
        asked: the words.
        actor: who looks.
        filters: conditions on `Case` that what is listed meets.
    """

    asked: Asked
    actor: Actor
    filters: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True)
class Found:
    """Cases found, newest first.

    Args:
        ids: of the cases to be listed.
        below: only cases with smaller keys are left to be looked through; None if there are none.
    """

    ids: tuple[int, ...]
    below: int | None


def find(session: Session, search: Search, *, before: int | None, limit: int) -> Iterator[Found]:
    """Look through the cases the reader sees for those that hold what is looked for, newest first.

    Args:
        session: read only.
        before: only cases with smaller keys.
        limit: how many at a time.

    Returns:
        The cases part by part. The last part says where to go on, if it has come to its end before the cases have.
    """
    found = Found((), before)
    if session.get_bind().dialect.name == "postgresql":
        found = _in_window(session, search, before, limit, FIRST_WINDOW)
        yield found
        windows = WINDOWS if found.below is not None and _names_many(session, search.asked) else 0
        for _ in range(windows):
            if found.below is None:
                break
            found = _in_window(session, search, found.below, limit, WINDOW)
            yield found
        if found.below is None or windows:
            return
    while True:
        found = _by_index(session, search, found.below, limit)
        yield found
        if found.below is None:
            return


def matching_rows(session: Session, search: Search, root_ids: list[int]) -> list[tuple[int, int, int]]:
    """Return where in some families the reader finds it: (root case, case, audience)."""
    rows = session.execute(
        select(CaseSearch.root_id, CaseSearch.case_id, CaseSearch.audience)
        .join(_Holding, _Holding.id == CaseSearch.case_id)
        .where(CaseSearch.root_id.in_(root_ids), *_holds(session, search))
        .order_by(CaseSearch.root_id, CaseSearch.case_id, CaseSearch.audience)
    )
    return [(row.root_id, row.case_id, row.audience) for row in rows]


# ── by the index: for what stands in few cases ─────────────────────────────────────────────────────


def _by_index(session: Session, search: Search, before: int | None, limit: int) -> Found:
    matched = (
        select(CaseSearch.root_id, CaseSearch.case_id)
        .join(_Holding, _Holding.id == CaseSearch.case_id)
        .where(*_holds(session, search))
        .cte("matched")
    )
    either = union(select(matched.c.root_id), select(matched.c.case_id))
    named: ColumnElement[bool] = Case.id.in_(either)
    if session.get_bind().dialect.name == "postgresql":
        # As an array they are looked up one by one; else PostgreSQL would go through all cases to meet the few.
        named = Case.id == any_(func.array(either.scalar_subquery()))
    query = select(Case.id).where(named, *_listed(search)).order_by(Case.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Case.id < before)
    ids = tuple(session.scalars(query))
    return Found(ids, ids[-1] if len(ids) == limit else None)


def _names_many(session: Session, asked: Asked) -> bool:
    """Tell whether the index names so many cases that asking each whose it is would take too long."""
    named = select(literal(1)).select_from(CaseSearch).where(_has_grams_in_postgresql(asked.grams)).limit(MANY + 1)
    session.execute(text("SET LOCAL enable_seqscan = off"))  # it would go through all rows to save a look at the index
    count = session.scalar(select(func.count()).select_from(named.subquery())) or 0
    session.execute(text("SET LOCAL enable_seqscan = on"))
    return count > MANY


# ── case by case: for what stands in many ──────────────────────────────────────────────────────────


def _in_window(session: Session, search: Search, before: int | None, limit: int, size: int) -> Found:
    window = listed(search.actor, before=before, limit=size).cte("seen").prefix_with("MATERIALIZED")
    root_id = func.coalesce(Case.root_id, Case.id)
    holds = (
        select(CaseSearch.id)
        .join(_Holding, _Holding.id == CaseSearch.case_id)
        .where(
            CaseSearch.root_id == root_id,
            or_(Case.parent_id.is_(None), CaseSearch.case_id == Case.id),
            *_holds(session, search),
        )
        .correlate(Case)
        .exists()
    )
    hits = (
        select(Case.id)
        .where(Case.id.in_(select(window.c.id)), *_listed(search), holds)
        .order_by(Case.id.desc())
        .limit(limit)
        .subquery()
    )
    extent = select(func.count().label("cases"), func.min(window.c.id).label("lowest")).subquery()
    rows = session.execute(select(extent.c.cases, extent.c.lowest, hits.c.id).outerjoin(hits, true())).all()
    ids = tuple(sorted((row.id for row in rows if row.id is not None), reverse=True))
    if len(ids) == limit:
        return Found(ids, ids[-1])
    return Found(ids, rows[0].lowest if rows[0].cases == size else None)


# ── what both ask ──────────────────────────────────────────────────────────────────────────────────


def _listed(search: Search) -> tuple[ColumnElement[bool], ...]:
    """Children stand under their parents, unless the child is all the reader may see."""
    return visible_among(search.actor), stands_alone(search.actor), *search.filters


def _holds(session: Session, search: Search) -> tuple[ColumnElement[bool], ...]:
    """The conditions on `CaseSearch` and the case it is of: the words are in it, and it is the reader's to know."""
    officer = search.actor.post_kind is not PostKind.APPLICANT
    audience = () if officer else (CaseSearch.audience == Audience.ALL,)
    return (*audience, _has_words(session, search.asked), _is_seen_whole(search.actor))


def _is_seen_whole(actor: Actor) -> ColumnElement[bool]:
    """All that is written in `_Holding` is the reader's: they did a step of that very case, or it is theirs."""
    if actor.may(Permission.CASE_SUPERVISE):
        return _Holding.parent_id.is_(None)
    ways = [
        _Holding.applicant_agency_id == actor.agency_id,
        _Holding.opened_by_agency_id == actor.agency_id,
        exists().where(
            HumanTask.agency_id == actor.agency_id,
            HumanTask.root_id == func.coalesce(_Holding.root_id, _Holding.id),
            HumanTask.case_id == _Holding.id,
        ),
        exists().where(
            CaseSuccession.to_agency_id == actor.agency_id,
            CaseSuccession.root_id == func.coalesce(_Holding.root_id, _Holding.id),
            HumanTask.agency_id == CaseSuccession.from_agency_id,
            HumanTask.root_id == CaseSuccession.root_id,
            HumanTask.case_id == _Holding.id,
        ),
    ]
    if actor.may(Permission.CASE_COPY):
        ways.append(exists().where(CaseCopy.case_id == _Holding.id, *copied_to(actor)))
    return or_(*ways)


def _has_words(session: Session, asked: Asked) -> ColumnElement[bool]:
    named: ColumnElement[bool]
    if session.get_bind().dialect.name == "sqlite":
        named = CaseSearch.id.in_(
            text("SELECT rowid FROM case_search_index WHERE case_search_index MATCH :grams").bindparams(
                grams=_as_fts5(asked.grams)
            )
        )
    else:
        named = _has_grams_in_postgresql(asked.grams)
    if not asked.compared:
        return named
    # Folded, a term has no character that means something to LIKE.
    compared = and_(*(CaseSearch.plain.like(f"%{term}%") for term in asked.compared))
    # In this order: the whole text is read of those only that have the grams.
    return and_(named, case((named, compared), else_=False))


def _has_grams_in_postgresql(grams: tuple[Gram, ...]) -> ColumnElement[bool]:
    asked = " & ".join(f"{lexeme(gram.text)}:*" if gram.begins else lexeme(gram.text) for gram in grams)
    return CaseSearch.grams.op("@@", is_comparison=True)(cast(asked, TSQUERY))


def _as_fts5(grams: tuple[Gram, ...]) -> str:
    return " AND ".join(f'"{token(gram.text)}"{" *" if gram.begins else ""}' for gram in grams)
