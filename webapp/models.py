"""Loads every module that describes tables, so that the metadata is complete."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import webapp
import workflows
from workflows import audit, deadlines, payments
from workflows.agencies.remembering import DIRECTORY_DDL, FUNCTION_DDL
from workflows.agencies.separation import DEPUTIES_DDL, SEPARATION_DDL
from workflows.cases.assignment import tables as assignment
from workflows.cases.opinions import tables as opinions
from workflows.cases.search import tables as search
from workflows.cases.viewings import tables as viewings
from workflows.persistence import Base
from workflows.policies.responsibilities import RESPONSIBILITY_DDL

NAMES = ("models", "tables", "lease")
"""Modules of these names describe tables, wherever they lie."""

GUARDS = (
    audit.APPEND_ONLY_DDL,
    audit.HEADS_DDL,
    deadlines.APPEND_ONLY_DDL,
    opinions.APPEND_ONLY_DDL,
    payments.APPEND_ONLY_DDL,
    payments.THREE_PERSONS_DDL,
    payments.SIGNED_TERMS_DDL,
    search.INDEX_DDL,
    viewings.APPEND_ONLY_DDL,
    assignment.TWO_PERSONS_DDL,
    SEPARATION_DDL,
    DEPUTIES_DDL,
    FUNCTION_DDL,
    DIRECTORY_DDL,
    RESPONSIBILITY_DDL,
)
"""What the metadata cannot say: dialect → statements, such as triggers that make a table append-only."""


def load_models() -> None:
    """Import all modules that describe tables."""
    for package in (workflows, webapp):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] in NAMES and module.name != __name__:
                import_module(module.name)


def guards(dialect: str) -> tuple[str, ...]:
    """Return the statements to execute once after the tables are made, for `sqlite` or `postgresql`."""
    return tuple(statement for guard in GUARDS for statement in guard[dialect])


__all__ = ["Base", "guards", "load_models"]
