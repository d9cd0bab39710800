"""The search index, built anew by command or by the first start after an upgrade."""

from __future__ import annotations

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from config import Config
from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from webapp.commands import reindex
from webapp.commands.reindex import rebuild
from webapp.commands.setup import set_up
from workflows import cases
from workflows.cases import CaseQuery
from workflows.cases.search.tables import CaseSearch
from workflows.clock import FixedClock


def found(office: Office, q: str) -> int:
    who = actor(office.session, "jr.handler", office.clock)
    count = len(cases.list_cases(office.session, CaseQuery(q=q), actor=who, clock=office.clock).items)
    office.session.commit()
    return count


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    office = Office(session, clock)
    for _ in range(5):
        office.open("enterprise-a.applicant", application(issuer(0, "YHQ")))
    return office


def test_the_command_indexes_what_is_missing_batch_by_batch(
    office: Office, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "BATCH", 2)
    monkeypatch.setattr(reindex, "SAID_EVERY", 1)
    office.session.execute(delete(CaseSearch))
    office.session.commit()
    assert found(office, "票据") == 0
    said: list[object] = []
    assert rebuild(config, missing=True, say=said.append) == 5
    assert len(said) == 3
    assert found(office, "票据") == 5
    assert rebuild(config, missing=True, say=said.append) == 0
    assert rebuild(config, missing=False, say=said.append) == 5
    assert found(office, "票据") == 5


def test_a_start_indexes_cases_from_before_there_was_an_index(
    office: Office, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.commands.setup.migrate", lambda url: False)
    office.session.execute(delete(CaseSearch))
    office.session.commit()
    said: list[str] = []
    set_up(config, say=said.append)
    assert said[-1].endswith("+5")
    assert found(office, "票据") == 5
    set_up(config, say=said.append)
    assert "Search index" not in said[-1]


def test_an_indexing_that_was_broken_off_is_finished_by_the_next_start(
    office: Office, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.commands.setup.migrate", lambda url: False)
    monkeypatch.setattr(reindex, "BATCH", 2)
    monkeypatch.setattr(reindex, "SAID_EVERY", 1)
    office.session.execute(delete(CaseSearch))
    office.session.commit()

    def killed(said: str) -> None:
        if "Indexing" in said:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        set_up(config, say=killed)
    assert found(office, "票据") == 2
    said: list[str] = []
    set_up(config, say=said.append)
    assert said[-1].endswith("+3")
    assert found(office, "票据") == 5
