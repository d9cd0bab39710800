"""The database's structure: bringing it up to date, and telling whether it is."""

from __future__ import annotations

import io
from functools import cache

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from config import ROOT
from webapp.database import build_engine
from webapp.models import load_models
from workflows.cases.search.tables import INDEX
from workflows.persistence import Base

MIGRATIONS = ROOT / "migrations"


@cache
def heads() -> tuple[str, ...]:
    """Return the newest revisions in `migrations/`, read once per process; more than one is a mistake."""
    return tuple(ScriptDirectory(MIGRATIONS.as_posix()).get_heads())


def at_head(connection: Connection) -> bool:
    """Tell whether the database behind `connection` has the newest structure."""
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads())


def migrate(url: str) -> bool:
    """Bring the database at `url` up to the newest structure.

    Returns:
        Whether anything had to be done.
    """
    engine = build_engine(url, statement_timeout_s=0)
    try:
        with engine.connect() as connection:
            if at_head(connection):
                return False
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            command.upgrade(_alembic(connection), "head")
        return True
    finally:
        engine.dispose()


def differences(connection: Connection) -> list[object]:
    """Return what differs between the tables in the database and those the program describes."""
    load_models()
    context = MigrationContext.configure(connection, opts=compare_options())
    return list(compare_metadata(context, Base.metadata))


def write_revision(url: str, message: str, *, revision: str | None = None) -> str:
    """Write a migration from what differs between the database at `url` and the program's tables; return its id."""
    load_models()
    engine = build_engine(url, statement_timeout_s=0)
    try:
        with engine.connect() as connection:
            script = command.revision(_alembic(connection), message, autogenerate=True, rev_id=revision)
    finally:
        engine.dispose()
    return str(getattr(script, "revision", ""))


def compare_options() -> dict[str, object]:
    """Return how migrations and tables are compared."""
    return {
        "compare_type": True,
        "compare_server_default": False,
        "render_as_batch": True,
        "include_name": _is_described,
    }


def _is_described(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is made by a statement of its own; on SQLite it consists of tables beside ours."""
    return kind not in ("table", "index") or name is None or not name.startswith(INDEX)


def _alembic(connection: Connection) -> AlembicConfig:
    settings = AlembicConfig(stdout=io.StringIO())
    settings.set_main_option("script_location", MIGRATIONS.as_posix().replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
