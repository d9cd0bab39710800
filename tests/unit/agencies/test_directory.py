"""Groups and mergers are read as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.org import LONG_AGO, make_agency, make_group
from workflows.agencies.directory import get_agency, group_members, list_agencies
from workflows.agencies.models import AgencyKind
from workflows.errors import NotFoundError

LAST_DAY = date(2019, 6, 30)
NEXT_DAY = date(2019, 7, 1)


def codes(agencies: tuple[object, ...]) -> list[str]:
    return [agency.code for agency in agencies]  # type: ignore[attr-defined]  # a tuple of AgencyRef


def test_member_belongs_to_the_group_on_its_first_and_last_day_only(session: Session) -> None:
    bank = make_agency(session, "B", kind=AgencyKind.BANK)
    make_group(session, "G", (bank, NEXT_DAY, date(2019, 7, 31)))
    assert codes(group_members(session, "G", LAST_DAY)) == []
    assert codes(group_members(session, "G", NEXT_DAY)) == ["B"]
    assert codes(group_members(session, "G", date(2019, 7, 31))) == ["B"]
    assert codes(group_members(session, "G", date(2019, 8, 1))) == []


def test_unknown_group_is_not_found(session: Session) -> None:
    with pytest.raises(NotFoundError, match="agency group NONE"):
        group_members(session, "NONE", LAST_DAY)


def test_successor_acts_from_the_day_after_the_last(session: Session) -> None:
    new = make_agency(session, "NEW")
    make_agency(session, "OLD", valid_to=LAST_DAY, successor=new)
    assert get_agency(session, "OLD", LAST_DAY).code == "OLD"
    assert get_agency(session, "OLD", NEXT_DAY).code == "NEW"


def test_chain_of_mergers_is_followed_to_the_one_that_acts(session: Session) -> None:
    third = make_agency(session, "THIRD")
    second = make_agency(session, "SECOND", valid_to=date(2019, 12, 31), successor=third)
    make_agency(session, "FIRST", valid_to=LAST_DAY, successor=second)
    assert get_agency(session, "FIRST", NEXT_DAY).code == "SECOND"
    assert get_agency(session, "FIRST", date(2020, 1, 1)).code == "THIRD"


def test_ended_agency_without_successor_is_not_found(session: Session) -> None:
    make_agency(session, "GONE", valid_to=LAST_DAY)
    with pytest.raises(NotFoundError):
        get_agency(session, "GONE", NEXT_DAY)


def test_mergers_in_a_circle_end_in_nobody(session: Session) -> None:
    one = make_agency(session, "ONE", valid_to=LAST_DAY)
    two = make_agency(session, "TWO", valid_to=LAST_DAY, successor=one)
    one.successor_id = two.id
    session.flush()
    with pytest.raises(NotFoundError):
        get_agency(session, "ONE", NEXT_DAY)


def test_two_members_that_merged_are_one(session: Session) -> None:
    stays = make_agency(session, "STAYS")
    joins = make_agency(session, "JOINS", valid_to=LAST_DAY, successor=stays)
    make_group(session, "G", (joins, LONG_AGO, None), (stays, LONG_AGO, None))
    assert codes(group_members(session, "G", LAST_DAY)) == ["JOINS", "STAYS"]
    assert codes(group_members(session, "G", NEXT_DAY)) == ["STAYS"]


def test_successor_needs_an_end(session: Session) -> None:
    new = make_agency(session, "NEW")
    with pytest.raises(IntegrityError):
        make_agency(session, "OLD", successor=new)


def test_agencies_are_listed_by_kind_as_of_a_day(session: Session) -> None:
    make_agency(session, "OLD", valid_to=LAST_DAY)
    make_agency(session, "BANK", kind=AgencyKind.BANK)
    make_agency(session, "YOUNG", valid_from=NEXT_DAY)
    assert codes(list_agencies(session, LAST_DAY)) == ["OLD", "BANK"]
    assert codes(list_agencies(session, NEXT_DAY, kinds=[AgencyKind.MUNICIPAL])) == ["YOUNG"]
