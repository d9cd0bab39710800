"""Indexing many cases for the search, a few in one transaction, so that whoever works on one hardly waits."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.transaction import reading, writing
from workflows.cases.search.contents import record_indexed, roots_with
from workflows.cases.search.indexing import prepare, put_prepared

ROOTS = 500
"""Keys fetched at a time."""


def index_families(root_ids: Sequence[int]) -> None:
    """Index families of cases anew; what takes long is done before anything is locked.

    Args:
        root_ids: their roots, in the order of their keys.
    """
    done = 0
    while done < len(root_ids):
        prepared = prepare(reading(), root_ids[done:])
        with writing() as session:
            put_prepared(session, prepared)
        done += len(prepared.root_ids)


def index_cases_with(sha256: str) -> None:
    """Index all cases anew that a file was laid to; broken off, it is begun again by the next sweep."""
    after = 0
    while roots := roots_with(reading(), sha256, after, ROOTS):
        index_families(roots)
        after = roots[-1]
    with writing() as session:
        record_indexed(session, sha256)
