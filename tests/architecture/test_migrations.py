"""The migrations build exactly what the program describes."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from tests.conftest import missing_service
from tests.databases import KINDS, postgresql_database
from webapp.database import build_engine
from webapp.models import guards
from webapp.schema import MIGRATIONS, at_head, differences, heads, migrate

SET_BY_ONE = (
    "INSERT INTO assignment_default (number, nobody, same_person, applicant, note, set_at, set_by_person_id) "
    "VALUES (:number, 'next_superior', 'refuse', 'refuse', 'x', '2019-10-14 02:00:00', 1)"
)


def step(url: str, revision: str) -> None:
    """Undo migrations back to a revision."""
    settings = AlembicConfig(stdout=io.StringIO())
    settings.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    engine = build_engine(url, statement_timeout_s=0)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        settings.attributes["connection"] = connection
        command.downgrade(settings, revision)
    engine.dispose()


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


def test_rules_that_one_person_set_stay_in_force_once_it_takes_two(empty_url: str) -> None:
    migrate(empty_url)
    step(empty_url, "0019")
    engine = build_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO person (id, username, name_zh, name_en, password_hash, is_active, created_at, locale) "
                "VALUES (1, 'admin.security', '安全', 'Security', '-', true, '2019-10-14 02:00:00', 'zh')"
            )
        )
        connection.execute(text(SET_BY_ONE), {"number": 1})
    assert migrate(empty_url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT number, nobody, set_by_person_id FROM assignment_default")).all()
        assert [tuple(row) for row in kept] == [(1, "next_superior", 1)]
        with pytest.raises(DBAPIError, match="two persons agreed on"):
            connection.execute(text(SET_BY_ONE), {"number": 2})
    engine.dispose()


def test_migrated_tables_refuse_what_the_guards_forbid(empty_url: str) -> None:
    migrate(empty_url)
    engine = build_engine(empty_url)
    statements = guards(engine.dialect.name)
    assert statements
    for statement in statements:
        with engine.connect() as connection, pytest.raises(DBAPIError, match="exist"):
            connection.execute(text(statement))
    engine.dispose()
