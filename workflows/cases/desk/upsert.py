"""Writing a row that may be there already, in one statement on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.persistence import Base


def put(session: Session, model: type[Base], key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Write `values` into the row of `key`, which a unique constraint covers; a row that is there is overwritten."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(model).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
