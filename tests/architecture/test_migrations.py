"""The migrations build exactly what the program describes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import missing_service
from tests.databases import KINDS, postgresql_database
from webapp.database import build_engine
from webapp.models import guards
from webapp.schema import at_head, differences, heads, migrate


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    try:
        with postgresql_database(f"lianban_migrations_{os.getpid()}") as url:
            yield url
    except OperationalError as error:
        missing_service("PostgreSQL", error)


def test_there_is_one_newest_migration() -> None:
    assert len(heads()) == 1


def test_migrations_equal_the_tables_the_program_describes(empty_url: str) -> None:
    assert migrate(empty_url)
    engine = build_engine(empty_url)
    with engine.connect() as connection:
        assert differences(connection) == []
        assert at_head(connection)
    engine.dispose()


def test_migrating_again_does_nothing(empty_url: str) -> None:
    assert migrate(empty_url)
    assert not migrate(empty_url)


def test_migrated_tables_refuse_what_the_guards_forbid(empty_url: str) -> None:
    migrate(empty_url)
    engine = build_engine(empty_url)
    statements = guards(engine.dialect.name)
    assert statements
    for statement in statements:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="exist"):
            connection.execute(text(statement))
    engine.dispose()
