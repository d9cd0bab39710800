"""Long queries, of which no word is left out, and excerpts from long texts."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import cases
from workflows.cases import CaseQuery
from workflows.cases.search.grams import Gram, understand
from workflows.cases.search.hits import excerpt
from workflows.cases.search.views import HitPart
from workflows.clock import FixedClock
from workflows.errors import InvalidInputError

APPLICANT = "enterprise-a.applicant"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def found(office: Office, username: str, q: str) -> list[str]:
    """Numbers of the cases somebody finds, as the list has them."""
    who = actor(office.session, username, office.clock)
    return [row.no for row in cases.list_cases(office.session, CaseQuery(q=q), actor=who, clock=office.clock).items]


@pytest.mark.parametrize("at", [0, 7, 2990, 3000, 3998, 4000, 9000, 19_990])
def test_the_excerpt_from_a_long_text_is_that_from_the_whole(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    text = "甲，乙 " * 5000
    text = f"{text[:at]}反担保{text[at:]}"
    terms = ("担保", "保乙", "不在")
    shown = excerpt(text, terms)
    assert HitPart("担保", found=True) in shown
    monkeypatch.setattr("workflows.cases.search.hits.STRETCH", 10**6)
    assert excerpt(text, terms) == shown


def test_no_word_of_a_long_query_is_left_out(office: Office) -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 60)))
    no = office.open(APPLICANT, application(issuer(0, "YHQ"), bond_name=name)).case_no
    assert found(office, "jr.handler", f"{name} 丁丂") == [no]
    assert found(office, "jr.handler", f"{name} 龙凤") == []
    asked = understand(f"{name} 龙凤")
    assert asked is not None
    assert Gram("龙凤") in asked.grams


def test_part_of_a_latin_word_is_found_from_its_beginning_only_in_a_long_query_too(office: Office) -> None:
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 60)))
    no = office.open(APPLICANT, application(issuer(0, "YHQ"), bond_name=f"{name} Collective")).case_no
    assert found(office, "jr.handler", f"{name} coll") == [no]
    assert found(office, "jr.handler", f"{name} lect") == []


@pytest.mark.parametrize(("q", "code"), [("长" * 201, "too-long"), ("甲 乙 丙 丁 戊 己 庚 辛 壬", "too-many-words")])
def test_more_than_is_looked_for_is_refused_and_not_cut(office: Office, q: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        found(office, "jr.handler", q)
    assert [(error.field, error.code) for error in refused.value.errors] == [("q", code)]
