"""What an empty database is filled with: the policy, the agencies, the calendar, the processes, demo accounts."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from config import Config
from webapp.identity.seeding import seed_demo_accounts
from workflows.agencies.seeding import load_agencies, load_demo_parties
from workflows.clock import Clock
from workflows.deadlines import seed_calendar
from workflows.policies.seeding import load_policies
from workflows.processes import load_library

LIBRARY = Path(__file__).resolve().parents[1] / "bpmn"
"""The process library that comes with the program."""


@dataclass(frozen=True)
class Step:
    """One part of the seeding: adds what is missing, leaves the rest as it is.

    Args:
        name_zh, name_en: as shown.
        load: returns how many things were new.
    """

    name_zh: str
    name_en: str
    load: Callable[[Session, Clock], int]


STEPS = (
    Step("单位", "Agencies", lambda session, clock: load_agencies(session)),
    Step("政策文件", "Policies", lambda session, clock: load_policies(session)),
    Step("日历版本", "Calendar versions", lambda session, clock: len(seed_calendar(session, clock=clock))),
    Step("流程", "Processes", lambda session, clock: len(load_library(session, LIBRARY, clock=clock))),
)


def seed_demo(session: Session, config: Config, *, clock: Clock) -> int:
    """Add the demo parties and accounts that are missing, outside production; return how many accounts were new.

    Their password is kept in the data folder, so that it can be shown again.
    """
    if config.production:
        return 0
    load_demo_parties(session)
    demo = seed_demo_accounts(session, password=config.demo_password, clock=clock)
    if demo.password is not None:
        _keep(config.demo_password_file, demo.password)
    return demo.added


def _keep(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
