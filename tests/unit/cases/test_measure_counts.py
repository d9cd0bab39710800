"""The figures of the measures wall: what the reader may see and no more, and the same as the list behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows.cases import CaseQuery, list_cases
from workflows.cases.measure_counts import count_cases_by_measure
from workflows.clock import FixedClock
from workflows.deadlines import Light
from workflows.errors import PermissionDeniedError


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Cases of every light: two a day over a week, one of them with the applicant, one withdrawn."""
    seed_everything(session, clock)
    office = Office(session, clock)
    for _ in range(5):
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
        office.open("enterprise-a.applicant", application(issuer(0, "HEJIN"), issuer(1, "YHQ")))
        clock.advance(timedelta(days=1, hours=12))
    task_id = office.queue("jr.handler")[-1].id
    office.claim("jr.handler", task_id)
    items = [{"material": "审计报告", "problem": "缺2018年度"}]
    office.complete("jr.handler", task_id, "supplement", "请补齐", supplement_items=items)
    return office


@pytest.mark.parametrize("who", ["dc.supervisor", "jr.handler", "enterprise-a.applicant", "enterprise-b.applicant"])
def test_every_figure_is_the_length_of_the_list_behind_it(office: Office, clock: FixedClock, who: str) -> None:
    reader = actor(office.session, who, clock)
    counts = count_cases_by_measure(office.session, actor=reader, clock=clock)
    for light in Light:
        query = CaseQuery(measure="2", light=light, under_way=True, limit=200)
        behind = list_cases(office.session, query, actor=reader, clock=clock).items
        assert counts.get("2", {}).get(light, 0) == len(behind)
    if who in ("dc.supervisor", "jr.handler"):
        assert {Light.RED, Light.AMBER, Light.GREY} <= set(counts["2"])
    if who == "enterprise-b.applicant":
        assert "2" not in counts or sum(counts["2"].values()) < 10


def test_agencies_see_figures_of_their_own_cases_only(office: Office, clock: FixedClock) -> None:
    stranger = actor(office.session, "cz.handler", clock)
    assert count_cases_by_measure(office.session, actor=stranger, clock=clock) == {}
    with pytest.raises(PermissionDeniedError):
        count_cases_by_measure(office.session, actor=actor(office.session, "admin.audit", clock), clock=clock)
