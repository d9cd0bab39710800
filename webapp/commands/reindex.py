"""Building the search index anew: after an upgrade, or when it is thought to be wrong."""

from __future__ import annotations

from collections.abc import Callable

from config import Config
from webapp import context
from webapp.commands.within import application
from webapp.indexing import index_families
from webapp.transaction import reading, writing
from workflows.cases.search.contents import ask_for_all
from workflows.cases.search.indexing import roots_after

BATCH = 500
"""Cases looked up at a time."""
SAID_EVERY = 20


def rebuild(config: Config, *, missing: bool, say: Callable[[str], object]) -> int:
    """Index every case, or those that are not indexed; return how many. Broken off, it may simply be started again."""
    with application(config):
        return index_all(missing=missing, say=say)


def index_all(*, missing: bool, say: Callable[[str], object]) -> int:
    """Do the same within an application."""
    with writing() as session:
        ask_for_all(session, again=not missing, clock=context.clock())
    after = count = batches = 0
    while True:
        roots = roots_after(reading(), after, BATCH, missing=missing)
        if not roots:
            return count
        index_families(roots)
        after, count, batches = roots[-1], count + len(roots), batches + 1
        if batches % SAID_EVERY == 0:
            say(f"▸ 建立索引 · Indexing: {count}")
