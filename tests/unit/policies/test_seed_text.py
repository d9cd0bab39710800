"""The 26 lines are checked against the policy's own words: its brackets are read here anew, not by the loader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import pytest
from sqlalchemy.orm import Session

from workflows.agencies.seeding import load_agencies
from workflows.clock import FixedClock
from workflows.policies.measures import LineView, list_measure_groups, list_measures
from workflows.policies.seeding import load_policies

ON = date(2019, 9, 30)

CODES = {
    "市金融办": "JR",
    "市财政局": "CZ",
    "人行运城中心支行": "RH",
    "运城银保监分局": "YBJ",
    "市发改委": "FG",
    "市税务局": "SWJ",
    "市商务局": "SW",
    "市工信局": "GX",
    "市中小企业服务中心": "ZX",
    "市规划和自然资源局": "ZRZY",
    "市住房和城乡建设局": "ZJ",
    "市法院": "FY",
    "市城投公司": "CT",
    "盐湖区人民政府": "YHQ",
    "各县［市、区］人民政府": "X13",
    "运城开发区管委会": "KFQ",
    "各银行业金融机构": "BANKS",
    "各银行机构": "BANKS",
    "各金融机构": "FIN",
    "保险机构": "INSURERS",
    "担保机构": "GUARANTORS",
}
"""What each name in the brackets stands for."""

TITLE_LIMITS = {"5b", "5c", "5d"}
"""Lines whose paragraph has no title of its own in the text."""


@dataclass(frozen=True)
class Clause:
    no: str
    text: str
    leads: tuple[str, ...]
    supports: tuple[str, ...]


def policy_text() -> str:
    text = files("workflows.policies").joinpath("seed", "yunzhengfa-2019-3.txt").read_text(encoding="utf-8")
    return re.sub(r"\s", "", text)


def closing_bracket(text: str, opening: int) -> int:
    """Brackets nest, in two shapes: （各县［市、区］人民政府…）."""
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] in "（［") - (text[place] in "）］")
        if depth == 0:
            return place
    raise AssertionError("a bracket is never closed")


def names(part: str) -> tuple[str, ...]:
    """Split at 、 outside nested brackets, with the pair that makes up U14 read as one."""
    whole = re.sub(r"［[^］]*］", lambda nested: nested.group().replace("、", "\0"), part)
    codes = [CODES[name.replace("\0", "、")] for name in re.split("[、，]", whole) if name]
    if "X13" in codes:
        place = codes.index("X13")
        assert codes[place + 1] == "KFQ"
        codes[place : place + 2] = ["U14"]
    return tuple(codes)


def clauses() -> list[Clause]:
    text = policy_text()
    work = text[text.index("二、工作任务") : text.index("三、保障措施")]
    found: list[tuple[str, str]] = []
    number = ""
    place = 0
    while place < len(work):
        heading = re.match(r"(\d{1,2})\.(?!\d)", work[place:])
        if heading and not work[place - 1].isdigit() and int(heading.group(1)) == int(number or 0) + 1:
            number = heading.group(1)
        if work[place] == "（":
            end = closing_bracket(work, place)
            inside = work[place + 1 : end]
            if "牵头" in inside:
                found.append((number, inside))
            place = end
        place += 1
    return [read_clause(number, index, found) for index, (number, _) in enumerate(found)]


def read_clause(number: str, index: int, found: list[tuple[str, str]]) -> Clause:
    same = [place for place, (other, _) in enumerate(found) if other == number]
    no = number if len(same) == 1 else number + "abcd"[same.index(index)]
    inside = found[index][1]
    lead, _, support = inside.partition("牵头")
    return Clause(
        no=no,
        text=f"（{inside}）",
        leads=names(lead.removesuffix("配合")),  # measure 13 says 配合牵头, sic
        supports=names(support.removesuffix("配合")),
    )


@pytest.fixture
def lines(session: Session, clock: FixedClock) -> dict[str, LineView]:
    load_agencies(session)
    load_policies(session)
    return {line.no: line for line in list_measures(session, ON)}


def test_text_has_23_measures_and_26_clauses() -> None:
    found = clauses()
    assert len(found) == 26
    assert [clause.no for clause in found if not clause.no.isdigit()] == ["5a", "5b", "5c", "5d"]
    assert sorted({int(clause.no.rstrip("abcd")) for clause in found}) == list(range(1, 24))


def test_lines_are_those_of_the_text_in_its_order(lines: dict[str, LineView]) -> None:
    assert list(lines) == [clause.no for clause in clauses()]


def test_clauses_are_the_words_of_the_text(lines: dict[str, LineView]) -> None:
    assert {no: line.clause for no, line in lines.items()} == {clause.no: clause.text for clause in clauses()}


def test_leads_and_supports_are_those_of_the_brackets(lines: dict[str, LineView]) -> None:
    for clause in clauses():
        line = lines[clause.no]
        assert (clause.no, line.lead_codes, line.support_codes) == (clause.no, clause.leads, clause.supports)


def test_title_body_and_clause_together_are_the_text(session: Session, lines: dict[str, LineView]) -> None:
    text = policy_text()
    for measure in list_measure_groups(session, ON):
        whole = "".join(line.body + line.clause for line in measure.lines)
        assert f"{measure.no}.{measure.title}。{whole}" in text
        assert f"{measure.section}。" in text


def test_line_titles_begin_as_their_measures_do(session: Session, lines: dict[str, LineView]) -> None:
    for measure in list_measure_groups(session, ON):
        for line in measure.lines:
            assert line.no in TITLE_LIMITS or measure.title.startswith(line.title)


def test_measure_13_has_fifteen_leads_and_21_and_22_fourteen(lines: dict[str, LineView]) -> None:
    assert {no: len(lines[no].lead_agencies) for no in ("13", "21", "22")} == {"13": 15, "21": 14, "22": 14}


def test_yanhu_leads_18_beside_the_finance_office(lines: dict[str, LineView]) -> None:
    assert lines["18"].lead_codes == ("YHQ", "JR")


def test_19_21_and_22_name_no_support(lines: dict[str, LineView]) -> None:
    assert [no for no, line in lines.items() if not line.supports] == ["19", "21", "22"]


@pytest.mark.parametrize(
    ("case_type", "expected"),
    [
        ("CT1", ["1"]),
        ("CT2", ["2"]),
        ("CT3", ["3"]),
        ("CT4", ["11"]),
        ("CT5", ["16"]),
        ("CT6", ["19"]),
        ("CT7", ["5b", "5c", "7", "9"]),
        ("CT8", ["8"]),
        ("CT9", ["6", "15"]),
        ("CT10", ["20", "21"]),
        ("CT11", ["22"]),
        ("CT13", ["4", "10", "11", "13", "16", "23"]),
    ],
)
def test_case_type_serves_its_lines(lines: dict[str, LineView], case_type: str, expected: list[str]) -> None:
    assert [no for no, line in lines.items() if case_type in line.case_types] == expected


def test_every_line_can_be_supervised(lines: dict[str, LineView]) -> None:
    assert all("CT12" in line.case_types for line in lines.values())
