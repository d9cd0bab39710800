"""What an applicant has been asked to supply (补正), each thing with the place where it is mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.access import get_visible_case, require
from workflows.cases.materials.reading import ASKS, list_materials
from workflows.cases.models import Notice
from workflows.cases.paper_views import MaterialLine
from workflows.permissions import Actor, Permission


@dataclass(frozen=True)
class Supply:
    """One thing that was asked for.

    Args:
        material: what the officer called it.
        field: path of the field of the application it is about, such as `issuers.0.account_no`.
        line: the line of the checklist it is about, as that stands now.
    """

    material: str
    problem: str
    requirement: str | None
    field: str | None
    line: MaterialLine | None


@dataclass(frozen=True)
class Supplies:
    """The last 一次性告知补正 of a case: what it lists, and what the officer wrote beside the list."""

    items: tuple[Supply, ...] = ()
    opinion: str | None = None


def list_supplies(session: Session, case_no: str, *, actor: Actor) -> Supplies:
    """Return what the last request to the applicant of a case asked for; nothing where there was none.

    Raises:
        NotFoundError: no such case for the actor.
    """
    require(actor, Permission.CASE_READ)
    case = get_visible_case(session, case_no, actor=actor)
    facts = session.scalar(
        select(Notice.facts)
        .where(Notice.case_id == case.id, Notice.kind == ASKS)
        .order_by(Notice.number.desc())
        .limit(1)
    )
    if not isinstance(facts, Mapping):
        return Supplies()
    lines = list_materials(session, case_no, actor=actor).lines
    items = tuple(_supply(row, lines) for row in facts.get("supplement_items") or () if isinstance(row, Mapping))
    return Supplies(items, facts.get("opinion"))


def _supply(row: Mapping[str, Any], lines: Iterable[MaterialLine]) -> Supply:
    material = str(row.get("material", ""))
    place = row.get("place")
    return Supply(
        material=material,
        problem=str(row.get("problem", "")),
        requirement=row.get("requirement"),
        field=place,
        line=None if place else next((line for line in lines if line.title.zh[:100] == material), None),
    )
