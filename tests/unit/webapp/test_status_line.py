"""The line of steps above a case."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from webapp.ui.cases.process import model_of
from webapp.ui.cases.progress import status_line
from workflows import cases
from workflows.clock import FixedClock


def test_what_was_supplied_stands_before_the_check_that_followed_it(
    app: Flask, session: Session, clock: FixedClock
) -> None:
    seed_everything(session, clock)
    office = Office(session, clock)
    form = application(issuer(0, "YHQ"))
    case_no = office.open("enterprise-a.applicant", form).case_no
    items = [{"material": "发行公告", "problem": "未提供"}]
    for act in (
        lambda: office.do("jr.handler", "formal_check", "supplement", opinion="请补齐", supplement_items=items),
        lambda: office.do("enterprise-a.applicant", "supplement", "resubmit", **form),
        lambda: office.do("jr.handler", "formal_check", "accept"),
    ):
        clock.advance(timedelta(hours=1))
        act()

    detail = cases.get_case(session, case_no, actor=actor(session, "jr.handler", clock), clock=clock)
    with app.test_request_context():
        names = [step.name for step in status_line(detail, model_of(session, detail))]
    assert names[:4] == ["提交申报", "补正", "形式审查", "县级核实"]
    assert names[-1] == "办结"
