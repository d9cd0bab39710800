"""Loads every module that describes tables, so that the metadata is complete."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import webapp
import workflows
from workflows.persistence import Base

NAMES = ("models", "tables", "lease")
"""Modules of these names describe tables, wherever they lie."""


def load_models() -> None:
    """Import all modules that describe tables."""
    for package in (workflows, webapp):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] in NAMES and module.name != __name__:
                import_module(module.name)


__all__ = ["Base", "load_models"]
