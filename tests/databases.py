"""Databases for tests: one of each kind per test session, emptied between tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from webapp.database import build_engine
from webapp.models import guards, load_models
from workflows.persistence import Base

POSTGRESQL = os.environ.get("LIANBAN_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1/postgres")
KINDS = ("sqlite", "postgresql")


class TestDatabase:
    """A database with all tables and no rows, given out to one test after another."""

    __test__ = False

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        """Forget everything the last test committed."""
        raise NotImplementedError


class SqliteTestDatabase(TestDatabase):
    """Kept as a file that is copied over for each test."""

    def __init__(self, folder: Path) -> None:
        self._pattern, self._path = folder / "pattern.sqlite3", folder / "test.sqlite3"
        super().__init__(f"sqlite:///{self._path}")
        load_models()
        engine = build_engine(f"sqlite:///{self._pattern}")
        create_tables(engine)
        engine.dispose()
        self.reset()

    def reset(self) -> None:
        for left in self._path.parent.glob(f"{self._path.name}*"):
            left.unlink()
        shutil.copy(self._pattern, self._path)


_FORGET = """
    CREATE FUNCTION test_forget() RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        named text;
        used boolean;
    BEGIN
        FOREACH named IN ARRAY ARRAY[{names}] LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', named) INTO used;
            IF used THEN
                EXECUTE format('DELETE FROM public.%I', named);
            END IF;
        END LOOP;
    END $$
    """


class PostgresqlTestDatabase(TestDatabase):
    """Emptied after each test; triggers and foreign keys rest meanwhile, since ledgers refuse deletion."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        load_models()
        self._engine = build_engine(url, statement_timeout_s=0)
        create_tables(self._engine)
        names = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
        with self._engine.begin() as connection:
            connection.execute(text(_FORGET.format(names=names)))

    def reset(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("SELECT test_forget()"))

    def close(self) -> None:
        self._engine.dispose()


def create_tables(engine: Engine) -> None:
    """Make every table the program describes, with its guards."""
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in guards(engine.dialect.name):
            connection.exec_driver_sql(statement)


@contextmanager
def postgresql_database(name: str) -> Iterator[str]:
    """Make an empty PostgreSQL database, and drop it at the end.

    Raises:
        sqlalchemy.exc.OperationalError: PostgreSQL cannot be reached.
    """
    admin_url = make_url(POSTGRESQL)
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
            connection.execute(text(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'"))
            # No test pulls the plug of the server: commits need not wait for its disk.
            connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit TO off'))
        yield _shown(admin_url.set(database=name))
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        admin.dispose()


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)
