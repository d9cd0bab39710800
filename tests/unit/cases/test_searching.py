"""Finding cases by what is written in them: every two characters of it, and never another's."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from tests.factories.cases import USCCS, Office, application, issuer, seed_everything
from tests.factories.org import actor
from workflows import cases
from workflows.cases import CaseQuery, NewDocument, listing
from workflows.cases.collaboration.copies import copies_of, send_copies, withdraw_copy
from workflows.cases.official.papers import Block, MadeFile, keep_paper, set_paper
from workflows.cases.search import finding
from workflows.cases.search.indexing import index_again, roots_after
from workflows.cases.search.tables import CaseSearch
from workflows.clock import FixedClock
from workflows.deadlines import Light
from workflows.errors import InvalidInputError
from workflows.permissions import Actor

APPLICANT = "enterprise-a.applicant"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def found(office: Office, username: str, q: str, **filters: object) -> list[str]:
    """Numbers of the cases somebody finds, as the list has them."""
    who = actor(office.session, username, office.clock)
    query = CaseQuery(q=q, limit=200, **filters)  # type: ignore[arg-type]
    return [row.no for row in cases.list_cases(office.session, query, actor=who, clock=office.clock).items]


def opened(office: Office, **changes: object) -> str:
    return office.open(APPLICANT, application(issuer(0, "YHQ"), **changes)).case_no


def paper(name: str, *, internal: bool = False) -> NewDocument:
    return NewDocument("other", name, "application/pdf", 1, f"{len(name):064d}", internal=internal)


@pytest.mark.parametrize(
    "q",
    [
        "中小",
        "票据",
        "发行人1有限公司",
        "有限 票据",
        "企业集合票",
        USCCS[0],
        USCCS[0].lower(),
        USCCS[0][3:12],
        "运债补",
        "2019",
        "号",
        "1号",
        "A银行",
        "0359-2660000",
        "2660000",
        "１４０８０１",
        "债",
        "融资补助",
    ],
)
def test_a_case_is_found_by_what_is_written_in_it(office: Office, q: str) -> None:
    no = opened(office)
    assert found(office, "jr.handler", q) == found(office, APPLICANT, q) == [no]


@pytest.mark.parametrize(
    "form", ["{0}", "运债补(2019)1号", "运债补[2019]1", "债补〔2019", "补 2019 1号", "运债补（２０１９）１号"]
)
def test_a_number_is_found_however_its_brackets_are_typed(office: Office, form: str) -> None:
    no = opened(office)
    assert found(office, "jr.handler", form.format(no)) == [no]


@pytest.mark.parametrize(
    "q", ["担保", "票集", "业小", "发行人2", "91140999", "公司发行", "collective", "企业企业", "2019 担保"]
)
def test_what_is_not_written_is_not_found(office: Office, q: str) -> None:
    opened(office)
    assert found(office, "jr.handler", q) == []


@pytest.mark.parametrize(
    "q",
    [
        "%",
        "_",
        "%_",
        "'",
        '"',
        "''; DROP TABLE case_search",
        '") OR ("',
        "NEAR(a b)",
        "AND",
        "-票据 OR *",
        "票据*",
        "票:*",
        "a\\",
        "\\'",
        "\x00",
        "票\x00据",
        "\ud800",
        "💥",
        "〔〕",
        "长" * 5000,
        "a" * 5000,
        "一 " * 2500,
        "𠮷𠮷",
        "İstanbul",
        "é",
        "!&|()<->:",
        "grams:票据",
        "^票据",
        "\u3000",
    ],
)
def test_wild_words_find_nothing_or_something_but_never_fail(office: Office, q: str) -> None:
    no = opened(office)
    for username in ("jr.handler", APPLICANT, "dc.supervisor"):
        with suppress(InvalidInputError):  # too much to look for, and said so
            assert found(office, username, q) in ([], [no])


def test_what_no_index_could_hold_is_written_and_the_rest_still_found(office: Office) -> None:
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 90))) + "𠮷野家"
    no = opened(office, bond_name=rare)
    assert found(office, "jr.handler", "野家") == found(office, "jr.handler", "𠮷野") == [no]


def test_all_words_must_be_in_the_case_and_each_in_one_piece(office: Office) -> None:
    first = opened(office, bond_name="甲种债券")
    second = opened(office, bond_name="乙种债券")
    assert found(office, "jr.handler", "债券") == [second, first]
    assert found(office, "jr.handler", "甲种 债券") == [first]
    assert found(office, "jr.handler", "甲种 乙种") == []
    assert found(office, "jr.handler", "债券联系人") == []  # two answers of the form side by side


def test_filters_and_pages_go_with_the_words(office: Office) -> None:
    numbers = [opened(office, bond_name=f"{'甲' if n % 2 else '乙'}种债券") for n in range(9)]
    wanted = [no for n, no in enumerate(numbers) if n % 2][::-1]
    office.act(cases.suspend_case, "jr.leader", wanted[0], reason="等待上级答复")
    who = actor(office.session, "jr.handler", office.clock)
    pages, cursor = [], None
    while True:
        page = cases.list_cases(
            office.session, CaseQuery(q="甲种", cursor=cursor, limit=1), actor=who, clock=office.clock
        )
        pages += [row.no for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert pages == wanted
    assert found(office, "jr.handler", "甲种", status=cases.CaseStatus.SUSPENDED) == wanted[:1]
    assert found(office, "jr.handler", "甲种", measure="99") == []


# ── whose it is ────────────────────────────────────────────────────────────────────────────────────


def test_nobody_finds_what_has_not_reached_them(office: Office) -> None:
    no = opened(office)
    for stranger in ("yongji.handler", "cz.handler", "bank-a.applicant", "enterprise-b.applicant", "gx.leader"):
        for q in ("票据", no, USCCS[0], "债"):
            assert found(office, stranger, q) == [], stranger
    assert found(office, "dc.supervisor", "票据") == [no]


def test_of_a_joint_note_each_finds_its_own_part_and_by_nothing_else(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    other, own = issuer(0, ""), issuer(1, "")
    for secret in ("name", "uscc", "account_no"):
        assert found(office, "enterprise-b.applicant", other[secret]) == [], secret
        assert found(office, "hejin.handler", other[secret]) == [], secret
        assert found(office, "enterprise-b.applicant", own[secret]) == [f"{no}之二"]
        assert found(office, "hejin.handler", own[secret]) == [no]
        for whole in ("jr.handler", "dc.supervisor"):
            assert found(office, whole, own[secret]) == found(office, whole, other[secret]) == [no]
        assert no in found(office, APPLICANT, own[secret])
    assert found(office, "jr.handler", f"{no}之二") == found(office, "hejin.handler", f"{no}之二") == [no]
    assert found(office, "hejin.handler", "票据") == [no]


def test_a_paper_laid_to_one_child_is_never_found_through_another(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    shared = replace(paper("蓝鲸授权书.pdf"), item="power_of_attorney")
    office.act(cases.add_document, APPLICANT, f"{no}之一", shared)
    assert found(office, "enterprise-b.applicant", "蓝鲸") == found(office, "hejin.handler", "蓝鲸") == []
    assert found(office, "jr.handler", "蓝鲸") == [no]


def test_an_applicant_does_not_find_by_officers_own_papers(office: Office) -> None:
    no = opened(office)
    office.act(cases.add_document, "jr.handler", no, paper("廉政谈话记录.pdf", internal=True))
    assert found(office, "jr.handler", "谈话") == found(office, "dc.supervisor", "谈话") == [no]
    assert found(office, APPLICANT, "谈话") == []


# ── what changes ───────────────────────────────────────────────────────────────────────────────────


def test_papers_and_documents_are_found_once_they_are_there(office: Office) -> None:
    no = opened(office)
    assert found(office, "jr.handler", "缴款") == found(office, "jr.handler", "受理通知") == []
    office.act(cases.add_document, APPLICANT, no, paper("缴款凭证.pdf"))
    assert found(office, "jr.handler", "缴款") == found(office, APPLICANT, "凭证.pdf") == [no]
    office.do("jr.handler", "formal_check", "accept")
    who = actor(office.session, APPLICANT, office.clock)
    (notice,) = cases.list_notices(office.session, actor=who).items
    assert notice.document_no
    assert found(office, APPLICANT, notice.document_no) == found(office, "jr.handler", notice.document_no) == [no]
    assert found(office, "jr.handler", "即日起") == []
    file = MadeFile("0" * 64, 1)
    made = keep_paper(
        office.session,
        "1" * 64,
        (Block("body", "自即日起十四个工作日内办结"),),
        docx=file,
        pdf=file,
        clock=office.clock,
    )
    set_paper(office.session, notice.id, made)
    assert found(office, APPLICANT, "即日起") == found(office, "jr.handler", notice.document_no) == [no]


def test_a_corrected_application_is_found_as_it_stands(office: Office) -> None:
    no = opened(office, bond_name="甲种债券")
    items = [{"material": "开户证明", "problem": "名称有误"}]
    office.do("jr.handler", "formal_check", "supplement", opinion="请更正", supplement_items=items)
    assert found(office, APPLICANT, "开户证明") == [no]
    office.do(APPLICANT, "supplement", "resubmit", **application(issuer(0, "YHQ"), bond_name="乙种债券"))
    assert found(office, "jr.handler", "乙种") == [no]
    assert found(office, "jr.handler", "甲种") == []


def test_indexing_again_changes_nothing(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    office.act(cases.add_document, "jr.handler", no, paper("谈话记录.pdf", internal=True))
    rows = select(CaseSearch.case_id, CaseSearch.root_id, CaseSearch.audience, CaseSearch.grams)
    roots = roots_after(office.session, 0, 10)
    before = {tuple(row)[:3]: set(row.grams.split()) for row in office.session.execute(rows)}
    office.session.execute(delete(CaseSearch))
    assert list(roots_after(office.session, 0, 10, missing=True)) == list(roots)
    index_again(office.session, roots)
    assert {tuple(row)[:3]: set(row.grams.split()) for row in office.session.execute(rows)} == before
    assert list(roots_after(office.session, 0, 10, missing=True)) == []
    assert found(office, "hejin.handler", "票据") == [no]


# ── what stands in many cases, and what in few ─────────────────────────────────────────────────────


@pytest.mark.parametrize(("first", "more", "many"), [(2, 2, 0), (2, 3, 10_000), (1000, 1000, 0), (3, 1, 2)])
def test_rare_and_common_words_are_found_alike(
    office: Office, monkeypatch: pytest.MonkeyPatch, first: int, more: int, many: int
) -> None:
    for name, size in (("FIRST_WINDOW", first), ("WINDOW", more), ("MANY", many)):
        monkeypatch.setattr(finding, name, size)
    wanted = []
    for n in range(11):
        no = opened(office, bond_name=f"{'甲' if n % 3 == 0 else '乙'}种债券")
        wanted += [no] if n % 3 == 0 else []
    for username in ("jr.handler", APPLICANT, "dc.supervisor"):
        assert walked(office, actor(office.session, username, office.clock), "甲种", 2) == wanted[::-1]
        assert walked(office, actor(office.session, username, office.clock), "甲种", 200) == wanted[::-1]
    assert walked(office, actor(office.session, "cz.handler", office.clock), "甲种", 2) == []


def test_of_those_with_a_light_so_many_are_looked_at_for_one_page_and_the_next_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "STEP", 2)
    monkeypatch.setattr(listing, "STEPS", 3)
    wanted = [opened(office, bond_name="甲种债券") for _ in range(8)][::-1]
    who = actor(office.session, "jr.handler", office.clock)

    def page(light: Light, cursor: str | None = None) -> cases.Page[cases.CaseRow]:
        query = CaseQuery(q="甲种", light=light, cursor=cursor)
        return cases.list_cases(office.session, query, actor=who, clock=office.clock)

    first = page(Light.GREEN)
    second = page(Light.GREEN, first.next)
    assert [row.no for row in first.items] == wanted[:6]
    assert ([row.no for row in second.items], second.next) == (wanted[6:], None)
    nothing = page(Light.RED)
    assert (nothing.items, nothing.next) == ((), first.next)
    assert page(Light.RED, nothing.next) == cases.Page((), None)


def walked(office: Office, who: Actor, q: str, limit: int) -> list[str]:
    """Numbers of all pages, one after the other; a page may be short and still have one after it."""
    numbers: list[str] = []
    cursor = None
    for _ in range(50):
        query = CaseQuery(q=q, cursor=cursor, limit=limit)
        page = cases.list_cases(office.session, query, actor=who, clock=office.clock)
        numbers += [row.no for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert cursor is None
    return numbers


def test_the_grams_of_a_hostile_text_stay_within_what_a_row_holds(office: Office) -> None:
    no = opened(office)
    names = ["".join(chr(0x4E00 + (n * 97 + k * 31) % 20000) for k in range(190)) + ".pdf" for n in range(60)]
    for n, name in enumerate(names):
        office.session.add(
            cases.documents.CaseDocument(
                case_id=office.session.scalar(select(func.max(cases.Case.id))),
                kind="other",
                name=name,
                media_type="application/pdf",
                size=1,
                sha256=f"{n:064d}",
                added_at=office.clock.now(),
                added_by_person_id=1,
                added_by_post_id=1,
            )
        )
    index_again(office.session, roots_after(office.session, 0, 10))
    assert found(office, "jr.handler", names[-1][100:104]) == [no]


def test_whom_a_case_was_copied_to_finds_it_until_the_copy_is_withdrawn(office: Office) -> None:
    no = office.accept("YHQ", "HEJIN")
    office.act(send_copies, "jr.handler", f"{no}之二", to=["CZ"], note=None)
    for q in ("票据", "发行人2"):
        assert found(office, "cz.handler", q) == [f"{no}之二"]
    assert found(office, "cz.handler", "发行人1") == []
    (copy,) = copies_of(office.session, f"{no}之二", actor=actor(office.session, "jr.handler", office.clock))
    office.act(withdraw_copy, "jr.handler", f"{no}之二", copy.key)
    assert found(office, "cz.handler", "票据") == []


def test_a_step_that_changes_no_text_writes_no_index_and_one_that_does_writes_it_at_once(office: Office) -> None:
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_further: object) -> None:
        if "case_search" in statement and not statement.startswith(("SELECT", "WITH")):
            written.append(statement.split()[0])

    engine = office.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        opened(office)
        assert written == ["INSERT"]
        task_id = office.take("jr.handler", "formal_check")
        assert written == ["INSERT"]
        office.complete("jr.handler", task_id, "accept")  # with a notice
        assert written == ["INSERT", "UPDATE"]
        office.do("yanhu.handler", "county_verify", "agree")
        assert written == ["INSERT", "UPDATE"]
    finally:
        event.remove(engine, "before_cursor_execute", note)
