"""Routing reads the lines as of a day."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.org import agency, make_agency, seed_organisation
from workflows.agencies.models import AgencyGroup, AgencyGroupMember
from workflows.clock import FixedClock
from workflows.errors import NotFoundError
from workflows.policies.measures import get_policy, list_measure_groups, list_measures
from workflows.policies.models import (
    Measure,
    Participant,
    ParticipantSource,
    Policy,
    Responsibility,
    ResponsibilityKind,
    ResponsibilityLine,
)
from workflows.policies.responsibilities import get_line_id, leads, participants, supports
from workflows.policies.seeding import load_policies

ON = date(2019, 9, 30)
LAST_DAY, NEXT_DAY = date(2019, 10, 31), date(2019, 11, 1)


@pytest.fixture(autouse=True)
def _organisation(session: Session, clock: FixedClock) -> None:
    seed_organisation(session, clock)


def merge(session: Session, code: str, into: str) -> None:
    ended = agency(session, code)
    ended.valid_to, ended.successor_id = LAST_DAY, agency(session, into).id
    session.flush()


def lead_codes(session: Session, line_no: str, on: date = ON) -> list[str]:
    return [found.code for found in leads(session, line_no, on)]


def support_codes(session: Session, line_no: str, on: date = ON) -> list[str]:
    return [found.code for found in supports(session, line_no, on)]


def test_measure_2_is_led_by_the_finance_office_and_supported_by_the_fourteen(session: Session) -> None:
    assert lead_codes(session, "2") == ["JR"]
    assert len(support_codes(session, "2")) == 14
    assert support_codes(session, "2")[::13] == ["YHQ", "KFQ"]


def test_order_is_that_of_the_clause(session: Session) -> None:
    assert lead_codes(session, "8") == ["YBJ", "CZ", "FG"]
    assert support_codes(session, "5c") == ["JR", "YBJ", "BANK-A", "BANK-B"]


def test_routing_agrees_with_the_measures_page(session: Session) -> None:
    for line in list_measures(session, ON):
        assert leads(session, line.no, ON) == line.lead_agencies
        assert supports(session, line.no, ON) == line.support_agencies


def test_two_lead_votes_become_one_after_a_merger(session: Session) -> None:
    merge(session, "ZX", "JR")
    assert lead_codes(session, "7", LAST_DAY) == ["ZX", "JR"]
    assert lead_codes(session, "7", NEXT_DAY) == ["JR"]
    line = next(line for line in list_measures(session, NEXT_DAY) if line.no == "7")
    assert line.lead_codes == ("JR",)


def test_support_that_merged_into_the_lead_is_not_asked_besides(session: Session) -> None:
    merge(session, "ZX", "JR")
    assert support_codes(session, "11", LAST_DAY) == ["CZ", "ZX"]
    assert support_codes(session, "11", NEXT_DAY) == ["CZ"]


def test_new_member_of_a_group_is_asked_from_its_first_day(session: Session) -> None:
    bank = make_agency(session, "BANK-C")
    banks = session.scalars(select(AgencyGroup.id).where(AgencyGroup.code == "BANKS")).one()
    session.add(AgencyGroupMember(group_id=banks, agency_id=bank.id, ordinal=3, valid_from=NEXT_DAY))
    session.flush()
    assert support_codes(session, "4", LAST_DAY) == ["BANK-A", "BANK-B"]
    assert support_codes(session, "4", NEXT_DAY) == ["BANK-A", "BANK-B", "BANK-C"]


def test_responsibility_that_moves_is_read_by_its_days(session: Session) -> None:
    line_id = get_line_id(session, "2", ON)
    old = session.scalars(
        select(Responsibility).where(Responsibility.line_id == line_id, Responsibility.kind == ResponsibilityKind.LEAD)
    ).one()
    old.valid_to = LAST_DAY
    session.add(
        Responsibility(
            line_id=line_id,
            kind=ResponsibilityKind.LEAD,
            ordinal=1,
            agency_id=agency(session, "CZ").id,
            valid_from=NEXT_DAY,
        )
    )
    session.flush()
    assert (lead_codes(session, "2", LAST_DAY), lead_codes(session, "2", NEXT_DAY)) == (["JR"], ["CZ"])


def test_line_replaced_by_a_new_one_is_read_by_its_days(session: Session) -> None:
    old = session.get_one(ResponsibilityLine, get_line_id(session, "2", ON))
    old.valid_to = LAST_DAY
    new = ResponsibilityLine(
        measure_id=old.measure_id, no="2", title="新", clause="（新）", ordinal=2, valid_from=NEXT_DAY
    )
    session.add(new)
    session.flush()
    assert get_line_id(session, "2", LAST_DAY) == old.id
    assert get_line_id(session, "2", NEXT_DAY) == new.id
    assert lead_codes(session, "2", NEXT_DAY) == []
    assert [line.title for line in list_measures(session, NEXT_DAY) if line.no == "2"] == ["新"]


@pytest.mark.parametrize("line_no", ["5", "24", "", "2\u3000", "x" * 1000])
def test_line_that_is_not_there_is_not_found(session: Session, line_no: str) -> None:
    with pytest.raises(NotFoundError, match="responsibility line"):
        leads(session, line_no, ON)


def test_line_is_not_found_before_the_policy(session: Session) -> None:
    with pytest.raises(NotFoundError):
        supports(session, "2", date(2018, 12, 31))


def test_second_policy_leaves_the_routing_of_the_first_alone(session: Session) -> None:
    add_policy(session, "运政发〔2020〕9号", lead="SW")
    assert lead_codes(session, "2") == ["JR"]
    assert [found.code for found in leads(session, "2", ON, policy="运政发〔2020〕9号")] == ["SW"]
    assert supports(session, "2", ON, policy="运政发〔2020〕9号") == ()
    assert [line.no for line in list_measures(session, ON, policy="运政发〔2020〕9号")] == ["2"]
    assert len(list_measure_groups(session, ON)) == 23
    with pytest.raises(NotFoundError):
        leads(session, "3", ON, policy="运政发〔2020〕9号")


def add_policy(session: Session, number: str, *, lead: str) -> None:
    policy = Policy(document_number=number, title="新", issued_on=date(2019, 1, 1), source="")
    session.add(policy)
    session.flush()
    measure = Measure(policy_id=policy.id, no="2", title="新", ordinal=1)
    session.add(measure)
    session.flush()
    line = ResponsibilityLine(
        measure_id=measure.id, no="2", title="新", clause="（市商务局牵头）", ordinal=1, valid_from=date(2019, 1, 1)
    )
    session.add(line)
    session.flush()
    session.add(
        Responsibility(
            line_id=line.id,
            kind=ResponsibilityKind.LEAD,
            ordinal=1,
            agency_id=agency(session, lead).id,
            valid_from=date(2019, 1, 1),
        )
    )
    session.flush()


def test_policy_names_itself(session: Session) -> None:
    policy = get_policy(session)
    assert (policy.document_number, policy.issued_on) == ("运政发〔2019〕3号", date(2019, 2, 3))
    with pytest.raises(NotFoundError):
        get_policy(session, "运政发〔2019〕4号")


@pytest.mark.parametrize(("agency_code", "group_code"), [(None, None), ("CZ", "FIN")])
def test_responsibility_names_an_agency_or_a_group_never_both_or_none(
    session: Session, agency_code: str | None, group_code: str | None
) -> None:
    group = session.scalars(select(AgencyGroup.id).where(AgencyGroup.code == group_code)).one_or_none()
    responsibility = Responsibility(
        line_id=get_line_id(session, "2", ON),
        kind=ResponsibilityKind.SUPPORT,
        ordinal=9,
        agency_id=None if agency_code is None else agency(session, agency_code).id,
        group_id=group,
        valid_from=ON,
    )
    session.add(responsibility)
    with pytest.raises(IntegrityError):
        session.flush()


def test_payer_of_measure_2_is_an_assumption_and_its_recogniser_is_in_the_text(session: Session) -> None:
    assert [found.code for found in participants(session, "bond_subsidy", "recogniser", ON)] == ["PJR"]
    assert [found.code for found in participants(session, "bond_subsidy", "payer", ON)] == ["CZ"]
    sources = {row.duty: row.source for row in session.scalars(select(Participant))}
    assert sources == {"recogniser": ParticipantSource.TEXT, "payer": ParticipantSource.ASSUMPTION}


def test_duty_nobody_has_gives_nobody(session: Session) -> None:
    assert participants(session, "bond_subsidy", "auditor", ON) == ()
    assert participants(session, "bond_subsidy", "payer", date(2018, 12, 31)) == ()


def test_participant_that_merged_is_its_successor(session: Session) -> None:
    merge(session, "CZ", "JR")
    assert [found.code for found in participants(session, "bond_subsidy", "payer", NEXT_DAY)] == ["JR"]


def test_loading_the_policy_again_adds_nothing(session: Session) -> None:
    tables = (Policy, Measure, ResponsibilityLine, Responsibility, Participant)
    before = [session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert load_policies(session) == 0
    assert [session.scalar(select(func.count()).select_from(table)) for table in tables] == before
