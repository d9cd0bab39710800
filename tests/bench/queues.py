"""Pages of the work queue, first and deep, with ten thousand and with a million open tasks."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from time import perf_counter

from tests.bench.filling import TASKS_EACH, Filling
from tests.bench.office import CLOCK, BenchDatabase, officer
from workflows.cases import TaskQuery, list_tasks

FEW, MANY = 10_000, 1_000_000
PAGES = 120
DEEP = 1000
"""How many rows in the deep pages start."""


@dataclass(frozen=True)
class QueueFigures:
    """95th percentiles of one page of 50, in milliseconds."""

    first_few: float
    deep_few: float
    first_many: float
    deep_many: float

    @property
    def first_ratio(self) -> float:
        """First page: a million over ten thousand."""
        return self.first_many / self.first_few

    @property
    def deep_ratio(self) -> float:
        """Deep pages: a million over ten thousand."""
        return self.deep_many / self.deep_few


def queue_pages(filling: Filling) -> QueueFigures:
    """Fill the queues and time their pages."""
    filling.up_to(FEW // TASKS_EACH)
    few = _page_times(filling.database)
    filling.up_to(MANY // TASKS_EACH)
    return QueueFigures(*few, *_page_times(filling.database))


def _page_times(database: BenchDatabase) -> tuple[float, float]:
    """Return the 95th percentiles of the first page and of pages from row `DEEP` on."""
    with database.session() as session:
        who = officer(session, "jr.handler")
        cursor = None
        for _ in range(DEEP // 50):
            cursor = list_tasks(session, TaskQuery("available", cursor=cursor), actor=who, clock=CLOCK).next
        first, deep = [], []
        for _ in range(PAGES):
            for times, start in ((first, None), (deep, cursor)):
                began = perf_counter()
                list_tasks(session, TaskQuery("available", cursor=start), actor=who, clock=CLOCK)
                times.append((perf_counter() - began) * 1000)
                session.rollback()
        return _p95(first), _p95(deep)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
