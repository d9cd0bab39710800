"""`python3 run.py bench`: measures, prints each figure beside its bar, and writes the same as JSON.

Speed is judged by ratios within one run: the yardstick is the stock SpiffWorkflow round trip of the same diagram in the
same process. A bar that is missed is printed with by how much, and with what dominates.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench import clicks, http, queues, search, services
from tests.bench.filling import CASES, TASKS_EACH, Filling, begin_filling
from tests.bench.office import COUNTIES, PROCESSES, BenchDatabase, bench_database
from workflows.engine.reference import compare
from workflows.engine.types import JsonValue, Sources

POSTGRESQL = "postgresql+psycopg://root@127.0.0.1/postgres"


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Args:
        name: what was measured.
        value: in `unit`.
        bar: the most it may be, or None where it only informs.
        note: what dominates, where the bar is missed.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the bar is kept."""
        return self.bar is None or self.value <= self.bar

    def line(self) -> str:
        """The figure for a reader."""
        text = f"{self.name:<58} {self.value:>10.2f} {self.unit:<6}"
        if self.bar is None:
            return text
        if self.met:
            return f"{text} ≤ {self.bar:g}  ok"
        over = f"{(self.value / self.bar - 1) * 100:.0f} %" if self.bar else f"{self.value:g} {self.unit}".strip()
        return f"{text} ≤ {self.bar:g}  MISSED by {over}  ({self.note})"


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--postgresql", default=os.environ.get("LIANBAN_TEST_POSTGRESQL", POSTGRESQL))
    parser.add_argument("--json", type=Path, default=Path("bench-result.json"))
    parser.add_argument("--quick", action="store_true", help="leave out what needs a million tasks")
    parser.add_argument("--search", action="store_true", help="measure nothing but searching, on PostgreSQL")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    for kind in ["postgresql"] if chosen.search else chosen.databases.split(","):
        with (
            tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder,
            bench_database(kind, Path(folder), chosen.postgresql) as database,
        ):
            found = (
                _search_figures(begin_filling(database))
                if chosen.search
                else measure(database, Path(folder), quick=chosen.quick)
            )
            for figure in found:
                figures.append(figure)
                print(figure.line(), flush=True)
    chosen.json.write_text(json.dumps(_report(figures), ensure_ascii=False, indent=1) + "\n")
    missed = [figure for figure in figures if not figure.met]
    print(f"{len(figures)} figures, {len(missed)} bars missed; written to {chosen.json}")
    return 0


def _report(figures: list[Figure]) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "figures": [{**asdict(figure), "met": figure.met} for figure in figures],
    }


def measure(database: BenchDatabase, folder: Path, *, quick: bool) -> list[Figure]:
    """Measure everything on one database, the yardstick right beside what it measures."""
    kind = database.kind
    dominated = "statements and the commit's write to disk"
    three_ms = services.complete_three(database)
    three = compare(_sources("bench_three_steps"), {}, completions=1)
    opened_ms = services.open_case(database)
    thirteen_ms = services.complete_thirteen(database)
    counties: dict[str, JsonValue] = {"counties": list(COUNTIES)}
    thirteen = compare(_sources("bench_countersign"), counties, completions=6)
    figures = [
        Figure(f"{kind}: stock round trip, 3 tasks", three.stock_ms, "ms"),
        Figure(f"{kind}: stock round trip, 13-way", thirteen.stock_ms, "ms"),
        Figure(f"{kind}: our engine, 3 tasks", three.ours_ms, "ms"),
        Figure(f"{kind}: our engine, 13-way", thirteen.ours_ms, "ms"),
        Figure(f"{kind}: complete, 3 tasks", three_ms, "ms"),
        Figure(f"{kind}: complete, 3 tasks / stock", three_ms / three.stock_ms, "×", 4, dominated),
        Figure(f"{kind}: complete, 13-way", thirteen_ms, "ms"),
        Figure(f"{kind}: complete, 13-way / stock", thirteen_ms / thirteen.stock_ms, "×", 3, dominated),
        Figure(f"{kind}: open a case", opened_ms, "ms"),
        Figure(f"{kind}: open a case / stock", opened_ms / three.stock_ms, "×", 6, dominated),
    ]
    again_ms = services.complete_three(database)
    over_http = http.complete_over_http(database, folder)
    figures += [
        Figure(f"{kind}: complete over HTTP", over_http.complete_ms, "ms"),
        Figure(
            f"{kind}: over HTTP / service", over_http.complete_ms / again_ms, "×", 3, "parsing, signing in, headers"
        ),
        Figure(f"{kind}: web process, resident", over_http.resident_mb, "MB", 200, "libraries"),
        Figure(
            f"{kind}: bytes per finished 3-step case",
            services.bytes_per_finished_case(database) / 1024,
            "KB",
            12,
            "rows",
        ),
    ]
    if quick:
        return figures
    filling = begin_filling(database)
    return figures + _queue_figures(filling) + _click_figures(database, folder) + _search_figures(filling)


def _queue_figures(filling: Filling) -> list[Figure]:
    found = queues.queue_pages(filling)
    kind = filling.database.kind
    scan = "rows read for one page"
    return [
        Figure(f"{kind}: first page p95, 10,000 open tasks", found.first_few, "ms"),
        Figure(f"{kind}: first page p95, 1,000,000 open tasks", found.first_many, "ms"),
        Figure(f"{kind}: first page, 1,000,000 / 10,000", found.first_ratio, "×", 1.5, scan),
        Figure(f"{kind}: deep page p95, 1,000,000 open tasks", found.deep_many, "ms"),
        Figure(f"{kind}: deep page, 1,000,000 / 10,000", found.deep_ratio, "×", 1.5, scan),
    ]


def _click_figures(database: BenchDatabase, folder: Path) -> list[Figure]:
    """What a crowd sees with the million tasks in place; the embedded database is not meant for one."""
    if database.kind != "postgresql":
        return []
    found = clicks.click(database, folder)
    title = f"{clicks.OFFICERS} officers, {clicks.WORKERS} web processes"
    return [
        Figure(f"{title}: answers a second, wanting", max(0.0, 60 - found.per_second), "/s", 0, "building pages"),
        Figure(f"{title}: answers a second", found.per_second, "/s"),
        Figure(f"{title}: click to page, p95", found.p95_ms, "ms", 1000, "building pages"),
        Figure(f"{title}: errors", found.errors, "", 0, "see the web processes' log"),
        Figure(f"{title}: largest queue page, uncompressed", found.largest_kb, "KB"),
    ]


def _search_figures(filling: Filling) -> list[Figure]:
    """Searching is held to its bar where there are many cases; the embedded database is not meant for them."""
    if filling.database.kind != "postgresql":
        return []
    found = search.search_pages(filling)
    title = f"search p95, {CASES:,} cases, {CASES * TASKS_EACH:,} tasks"
    which, worst = found.worst
    return [
        *(Figure(f"{title}: {who}, {word}", took, "ms") for (who, word), took in found.p95.items()),
        Figure(f"{title}: the slowest", worst, "ms", 300, which),
    ]


def _sources(key: str) -> Sources:
    return Sources(main="process.bpmn", files={"process.bpmn": (PROCESSES / key / "process.bpmn").read_bytes()})


if __name__ == "__main__":
    sys.exit(main())
