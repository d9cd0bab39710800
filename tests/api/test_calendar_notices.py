"""A holiday notice as text: what is wrong with it is named, and nothing is loaded by halves or twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import Api, fields
from workflows.clock import FixedClock

ADMIN = "admin.system"
HEAD = 'reference = "国办发明电〔2031〕1号"\nnote = "2031年放假安排"\n'
WHOLE_YEAR = (
    HEAD
    + "year = 2031\n"
    + "\n".join(
        f'[[off]]\nfrom = 2031-{start}\nto = 2031-{end}\nname = "{name}"'
        for start, end, name in (("01-01", "01-01", "元旦"), ("01-22", "01-28", "春节"), ("10-01", "10-07", "国庆节"))
    )
)
CHANGE = HEAD + '[[off]]\non = 2019-11-01\nname = "临时放假"\n'


def check(api: Api, text: str) -> set[str]:
    return fields(api.post("/calendar/checks", ADMIN, json={"notice": text}))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("reference = ", "notice"),
        ("x" * 20_001, "notice"),
        ("[" * 5000, "notice"),
        ("", "notice"),
        ("# nothing", "reference"),
        (HEAD, "off"),
        (HEAD + "colour = 1\n" + CHANGE.removeprefix(HEAD), "colour"),
        (CHANGE.replace('"2031年放假安排"', "7"), "note"),
        (CHANGE.replace("2031年放假安排", "长" * 201), "note"),
        (CHANGE.replace("2031年放假安排", "\\u0000"), "note"),
        (CHANGE.replace("2019-11-01", '"2019-11-01"'), "off.0.on"),
        (CHANGE.replace("2019-11-01", "2019-11-01T10:00:00"), "off.0.on"),
        (CHANGE.replace("2019-11-01", "1999-11-01"), "off.0.on"),
        (CHANGE.replace("on = ", "day = "), "off.0.day"),
        (CHANGE.replace('name = "临时放假"', ""), "off.0.name"),
        (CHANGE.replace("on = 2019-11-01", "from = 2019-11-02\nto = 2019-11-01"), "off.0.to"),
        (CHANGE.replace("on = 2019-11-01", "from = 2019-11-02\nto = 2029-11-01"), "off.0.to"),
        (CHANGE.replace("on = 2019-11-01", "from = 2019-11-02"), "off.0.to"),
        (CHANGE + '[[work]]\non = 2019-11-01\nname = "补班"', "work.0"),
        (CHANGE.replace("[[off]]", "[off]"), "off"),
        (CHANGE.replace("2019-11-01", "2031-11-03"), "year"),
        (HEAD + 'year = "2031"\n' + CHANGE.removeprefix(HEAD), "year"),
        (HEAD + "year = 2032\n" + CHANGE.removeprefix(HEAD), "year"),
        (CHANGE.replace("国办发明电〔2031〕1号", "国办发明电〔2020〕1号"), "reference"),
        (HEAD + "[[normal]]\non = 2019-11-01", "notice"),
    ],
)
def test_what_is_wrong_with_a_notice_is_named(api: Api, text: str, field: str) -> None:
    before = api.ok("GET", "/calendar/versions", ADMIN)["items"]
    assert field in check(api, text)
    assert field in fields(api.post("/calendar/versions", ADMIN, json={"notice": text}))
    assert api.ok("GET", "/calendar/versions", ADMIN)["items"] == before


def test_a_whole_year_is_published_and_no_longer_provisional(api: Api) -> None:
    question = "/calendar/deadline?start=2031-01-20&working_days=5"
    assert api.ok("GET", question, "jr.handler")["provisional"] is True
    seen = api.ok("POST", "/calendar/checks", ADMIN, json={"notice": WHOLE_YEAR})
    assert (seen["new_years"], len(seen["days"]), seen["days"][0]["name"]) == ([2031], 15, "元旦")
    assert api.ok("GET", question, "jr.handler")["provisional"] is True
    loaded = api.ok("POST", "/calendar/versions", ADMIN, json={"notice": WHOLE_YEAR})
    assert loaded["version"] == seen["version"] == seen["base_version"] + 1
    told = api.ok("GET", question, "jr.handler")
    assert (told["due_on"], told["provisional"], told["calendar_version"]) == ("2031-02-03", False, loaded["version"])
    earlier = api.ok("GET", f"{question}&version={loaded['base_version']}", "jr.handler")
    assert (earlier["due_on"], earlier["provisional"]) == ("2031-01-27", True)
    versions = api.ok("GET", "/calendar/versions", "jr.handler")["items"]
    assert (versions[0]["number"], versions[0]["reference"]) == (loaded["version"], "国办发明电〔2031〕1号")
    assert "reference" in fields(api.post("/calendar/versions", ADMIN, json={"notice": WHOLE_YEAR}))


def test_a_notice_checked_against_an_earlier_version_is_not_loaded(api: Api) -> None:
    seen = api.ok("POST", "/calendar/checks", ADMIN, json={"notice": CHANGE})
    api.ok("POST", "/calendar/versions", ADMIN, json={"notice": WHOLE_YEAR.replace("1号", "2号")})
    stale = api.post("/calendar/versions", ADMIN, json={"notice": CHANGE, "base_version": seen["base_version"]})
    assert (stale.status_code, stale.json["code"]) == (409, "row-version-stale")


def test_a_changed_day_leaves_the_rest_of_its_year_as_it_was(api: Api, clock: FixedClock) -> None:
    api.wait_until(clock, clock.at + timedelta(hours=1))
    national_day = "/calendar/deadline?start=2019-09-26&working_days=5"
    before = api.ok("GET", national_day, "jr.handler")
    api.ok("POST", "/calendar/versions", ADMIN, json={"notice": CHANGE})
    after = api.ok("GET", national_day, "jr.handler")
    assert (after["due_on"], after["explanation"]) == (before["due_on"], before["explanation"])
    moved = api.ok("GET", "/calendar/deadline?start=2019-10-31&working_days=1", "jr.handler")
    assert moved["due_on"] == "2019-11-04"
    assert "临时放假" in moved["explanation"][1]["why"]
