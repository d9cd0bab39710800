"""What a session shows."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories.org import make_agency
from workflows.agencies.models import Agency
from workflows.persistence import table_of


def test_a_query_shows_what_a_plain_statement_wrote_past_the_objects_at_hand(session: Session) -> None:
    kept = make_agency(session, "TEST")
    table = table_of(Agency)
    session.execute(update(table).where(table.c.id == kept.id).values(short_zh="改过"))
    assert session.scalars(select(Agency).where(Agency.id == kept.id)).one().short_zh == "改过"


def test_a_query_keeps_what_was_set_on_an_object_and_not_yet_flushed(session: Session) -> None:
    kept = make_agency(session, "TEST")
    kept.short_zh = "刚改"
    assert session.scalars(select(Agency).where(Agency.id == kept.id)).one().short_zh == "刚改"
