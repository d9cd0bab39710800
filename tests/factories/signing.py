"""A case that joint leads sign: the test process of measure 3, published beside the library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tests.factories.org import agency
from workflows.clock import Clock, office_date
from workflows.policies.models import Participant, ParticipantSource
from workflows.processes import load_library

PROCESSES = Path(__file__).resolve().parents[1] / "processes"
KEY = "guarantee_loss"


def publish(session: Session, clock: Clock) -> None:
    """Publish the test processes and name the province as the one that recognises."""
    load_library(session, PROCESSES, clock=clock)
    session.add(
        Participant(
            process_key=KEY,
            duty="recogniser",
            agency_id=agency(session, "PJR").id,
            source=ParticipantSource.ASSUMPTION,
            valid_from=office_date(clock.now()),
        )
    )
    session.commit()


def loss(**changes: Any) -> dict[str, Any]:
    """代偿100万，追偿收回30万，净损失70万."""
    return {
        "title": "2018年度担保代偿",
        "name": "甲信融资担保有限公司",
        "county": "YHQ",
        "paid_fen": 100_000_000,
        "recovered_fen": 30_000_000,
        "net_loss_fen": 70_000_000,
        **changes,
    }
