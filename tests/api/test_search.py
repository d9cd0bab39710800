"""Searching on the pages and through the API: what is found, and where it says the words stand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.pages import enter
from tests.factories.cases import issuer
from workflows.cases.search import finding

APPLICANT = "enterprise-a.applicant"
HOSTILE = "<b>x</b>票据&amp;"


def search(api: Api, who: str, q: str, **further: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.ok("GET", "/cases", who, query_string={"q": q, **further})["items"]
    return items


def shown(item: dict[str, Any]) -> list[str]:
    """The places of a case, as text with what was found in brackets."""
    return [
        hit["field"] + ":" + "".join(f"[{part['text']}]" if part["found"] else part["text"] for part in hit["parts"])
        for hit in item["hits"]
    ]


def test_the_answer_says_where_the_words_stand(api: Api) -> None:
    no = api.open(bond_name="绿色低碳转型债券")
    (item,) = search(api, "jr.handler", "低碳 0359")
    assert item["no"] == no
    assert shown(item) == ["title:绿色[低碳]转型债券", "form:[0359]-2660000"]
    assert item["hits"][1]["label"] == "联系电话"
    (item,) = search(api, "jr.handler", no)
    assert shown(item) == [f"number:[{no}]"]
    (english,) = api.ok("GET", "/cases?q=0359", "jr.handler", headers={"Accept-Language": "en"})["items"]
    assert english["hits"][0]["label"] == "Telephone"
    assert api.ok("GET", "/cases", "jr.handler")["items"][0]["hits"] == []


def test_of_a_joint_note_the_answer_shows_nobody_anothers_text(api: Api) -> None:
    no = api.open(issuers=[issuer(0, "YHQ"), issuer(1, "HEJIN")])
    api.do("jr.handler", "formal_check", "accept", case_no=no)
    (item,) = search(api, "hejin.handler", "有限公司")
    assert "发行人1" not in str(item["hits"])
    assert search(api, "hejin.handler", "发行人1") == search(api, "enterprise-b.applicant", "发行人1") == []
    (item,) = search(api, "enterprise-b.applicant", "发行人2")
    assert item["no"] == f"{no}之二"


@pytest.mark.parametrize("q", ["", " ", "%", "'", '"', "NEAR(", "\x00", "💥", "长" * 100, "0 1 2 3 4 5 6 7 8 9", "OR"])
def test_wild_words_are_answered(api: Api, q: str) -> None:
    api.open()
    answer = api.get("/cases", "jr.handler", query_string={"q": q})
    assert answer.status_code in (200, 422)
    enter(api.client, "jr.handler")
    assert api.client.get("/cases", query_string={"q": q * 50}).status_code == 200
    assert api.client.get("/my/applications", query_string={"q": q * 50}).status_code == 200


def test_the_page_marks_the_words_and_escapes_the_rest(api: Api) -> None:
    no = api.open(bond_name=HOSTILE)
    enter(api.client, "jr.handler")
    page = api.client.get("/cases", query_string={"q": "票据 联系"}).text
    assert no in page
    assert "&lt;b&gt;x&lt;/b&gt;<mark>票据</mark>&amp;amp;" in page
    assert "<mark>联系</mark>人" in page
    assert "<b>x" not in page
    nothing = api.client.get("/cases", query_string={"q": "%_"}).text
    assert "没有可查找的文字" in nothing
    assert "未找到符合条件的办件" in api.client.get("/cases", query_string={"q": "鼋鼍"}).text


def test_applicants_search_their_own_applications(api: Api) -> None:
    first, second = api.open(bond_name="甲种债券"), api.open(bond_name="乙种债券")
    enter(api.client, APPLICANT)
    page = api.client.get("/my/applications", query_string={"q": "甲种"}).text
    assert first in page
    assert "<mark>甲种</mark>债券" in page
    assert second not in page
    assert "未找到符合条件的申请" in api.client.get("/my/applications", query_string={"q": "丙种"}).text


@pytest.mark.parametrize(("who", "address"), [("jr.handler", "/cases"), (APPLICANT, "/my/applications")])
def test_the_pages_leave_no_word_out_in_silence(api: Api, who: str, address: str) -> None:
    no = api.open(bond_name="绿色低碳转型债券" * 12)
    long = "绿色低碳转型债券" * 12 + " 低碳转型"
    enter(api.client, who)
    assert no in api.client.get(address, query_string={"q": long}).text
    assert no not in api.client.get(address, query_string={"q": f"{long} 鼋鼍"}).text
    assert "不能超过200个字" in api.client.get(address, query_string={"q": "绿" * 300}).text
    assert "一次最多检索8个词" in api.client.get(address, query_string={"q": "甲 乙 丙 丁 戊 己 庚 辛 壬"}).text


def test_a_search_that_is_broken_off_says_so(api: Api, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    for name, size in (("FIRST_WINDOW", 1), ("WINDOW", 1), ("WINDOWS", 2), ("MANY", 0)):
        monkeypatch.setattr(finding, name, size)
    first = api.open(bond_name="甲种债券")
    for _ in range(4):
        api.open(bond_name="乙种债券")
    answer = api.ok("GET", "/cases", "jr.handler", query_string={"q": "甲种"})
    enter(api.client, "jr.handler")
    page = api.client.get("/cases", query_string={"q": "甲种"}).text
    if database_url.startswith("sqlite"):  # which goes through to the end
        assert [item["no"] for item in answer["items"]] == [first]
        return
    assert answer["items"] == []
    assert "更早的办件尚未查完" in page
    assert first not in page
    assert [item["no"] for item in search(api, "jr.handler", "甲种", cursor=answer["next"])] == [first]
