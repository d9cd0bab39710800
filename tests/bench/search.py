"""Finding cases among hundreds of thousands: words that stand in nearly every case, in some and in almost none."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.bench.filling import CASES, TASKS_EACH, Filling, tidy
from tests.bench.office import CLOCK, officer
from workflows import cases
from workflows.cases import CaseQuery
from workflows.cases.search.grams import fold, grams_of
from workflows.cases.search.tables import lexeme
from workflows.permissions import Actor

ROUNDS = 25
BATCH = 10_000
COMMON, SOME, RARE, OTHERS = "企业", "碳汇", "铌铪", "鲲鹏"
NAMES = "晋汇恒泰鑫隆瑞丰盛达宏远康宁顺安嘉禾永利华源"
SHARE_SOME = 100
"""One case in so many has the word that stands in some."""
SHARE_RARE = 20_000

_AGENCIES = "SELECT agency_id, (SELECT max(id) FROM agency) FROM human_task WHERE case_id = :pattern LIMIT 1"


@dataclass(frozen=True)
class SearchFigures:
    """95th percentiles of the first page of 50, in milliseconds: by who asks and by how common the word is."""

    p95: dict[tuple[str, str], float]

    @property
    def worst(self) -> tuple[str, float]:
        """Who asked what took longest, and how long."""
        (who, word), took = max(self.p95.items(), key=lambda item: item[1])
        return f"{who} · {word}", took


def search_pages(filling: Filling, count: int = CASES) -> SearchFigures:
    """Fill a PostgreSQL database with cases and their text, and time what is asked of it."""
    filling.up_to(count)
    database, first = filling.database, filling.pattern
    _write_texts(filling)
    asked = {
        "nearly all": COMMON,
        "1 in 100": SOME,
        "1 in 20,000": RARE,
        "many, none of the lead's": OTHERS,
        "none": "鼋鼍",
        "a number": f"〔2026〕{count // 2}号",
        "a company": _name(first + count // 3),
        "two words": f"{COMMON} {SOME}",
        "one character": "铌",
    }
    found: dict[tuple[str, str], float] = {}
    with database.session() as session:
        for title, username in (
            ("lead agency", "jr.handler"),
            ("a county", "yongji.handler"),
            ("supervision", "dc.supervisor"),
        ):
            who = officer(session, username)
            for word, q in asked.items():
                found[title, word] = _p95(session, who, q)
    return SearchFigures(found)


def _p95(session: Session, who: Actor, q: str) -> float:
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        cases.list_cases(session, CaseQuery(q=q), actor=who, clock=CLOCK)
        times.append((perf_counter() - began) * 1000)
        session.rollback()
    return statistics.quantiles(times, n=20)[-1]


def _write_texts(filling: Filling) -> None:
    pattern = filling.pattern
    with filling.database.engine.begin() as connection:
        lead, agencies = connection.execute(text(_AGENCIES), {"pattern": pattern}).one()
        raw = connection.connection.driver_connection
        assert raw is not None
        with raw.cursor() as cursor:
            copy = "COPY case_search (case_id, root_id, audience, plain, grams) FROM STDIN"
            with cursor.copy(copy) as rows:
                for n in range(1, filling.cases + 1):
                    others = n % 5 == 0 and lead not in {
                        1 + (n * 31 + k * 17) % agencies for k in range(1, TASKS_EACH + 1)
                    }
                    plain = _text(n, pattern + n) + (f"\n{OTHERS}" if others else "")
                    grams = " ".join(map(lexeme, grams_of(plain, (fold(f"运测〔2026〕{n}号"),))))
                    rows.write_row((pattern + n, pattern + n, 0, plain, grams))
    tidy(filling.database, "case_search")


def _name(case_id: int) -> str:
    chance = random.Random(case_id)
    return "运城市" + "".join(chance.choices(NAMES, k=4)) + "有限公司"


def _text(n: int, case_id: int) -> str:
    return "\n".join(map(fold, _lines(n, case_id)))


def _lines(n: int, case_id: int) -> Iterator[str]:
    chance = random.Random(n)
    yield f"运测〔2026〕{n}号"
    yield "中小企业融资担保降费奖补"
    yield _name(case_id)
    yield f"9114{chance.randrange(10**13):013d}X"
    # A vocabulary such as forms and notices have: a few thousand pairs, some of them far more often than others.
    words = (chr(0x4E00 + int(chance.paretovariate(0.7)) % 900) for _ in range(160))
    yield "".join(words)
    if n % SHARE_SOME == 0:
        yield f"{SOME}项目"
    if n % SHARE_RARE == 7:
        yield f"{RARE}材料"
