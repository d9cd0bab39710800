"""Every page, in both languages, on a desk and in the hand: nothing an axe check calls serious, nothing sideways."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AXE, SignIn
from tests.browser.office import Office

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def case_no(office: Office) -> str:
    """A case whose application was accepted and which one county has verified."""
    no = office.apply(issuers=3)
    office.do("jr.handler", no, "accept", opinion="材料齐全")
    office.do("yanhu.handler", no, "object", opinion="<b>情况不符</b>")
    return no


@pytest.fixture(scope="module")
def objected(office: Office) -> int:
    """The task of the lead that has an objection to answer."""
    no = office.apply(name="有不同意见的票据")
    office.do("jr.handler", no, "accept", opinion="材料齐全")
    office.do("yanhu.handler", no, "object", opinion="<b>情况不符</b>，企业正在接受税务稽查")
    office.do("yongji.handler", no, "agree_with_conditions", opinion="须续报专户证明")
    return office.claim("jr.handler", no)


@pytest.fixture(scope="module")
def task_id(office: Office) -> int:
    """A task that 经办人甲 has claimed."""
    return office.claim("jr.handler", office.apply())


@pytest.fixture(scope="module")
def supplement_id(office: Office) -> int:
    """The task of an applicant who was asked for a paper and for a right account."""
    no = office.apply(name="要补正的票据")
    items = [
        {"material": "募集说明书", "problem": "缺第3页", "requirement": "上传全本"},
        {"material": "账号", "problem": "与开户证明不符", "place": "issuers.0.account_no"},
        {"material": "审计报告", "problem": "缺2018年度"},
    ]
    office.do("jr.handler", no, "supplement", opinion="请一次补齐", data={"supplement_items": items})
    return office.claim("enterprise-a.applicant", no)


@pytest.fixture(scope="module")
def draft_id(office: Office) -> int:
    """An application that is being put together."""
    return office.begin("enterprise-a.applicant")


@pytest.fixture(scope="module")
def paper_id(office: Office, case_no: str) -> int:
    """A paper of that case that can be looked at."""
    return office.lay("jr.handler", case_no, "长名称的证明材料.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")


PAGES = {
    "sign-in": (None, "/login"),
    "help": (None, "/help"),
    "unknown address": (None, "/nowhere"),
    "work bench": ("jr.handler", "/"),
    "work bench, clerk": ("jr.clerk", "/"),
    "notifications": ("jr.handler", "/notifications"),
    "phrases": ("jr.handler", "/my/phrases"),
    "cases of one light": ("jr.handler", "/cases?measure=2&light=green"),
    "cases found by words": ("jr.handler", "/cases?q=有限 票据"),
    "no words": ("jr.handler", "/cases?q=%25"),
    "own applications found by words": ("enterprise-a.applicant", "/my/applications?q=票据"),
    "supervisor": ("dc.supervisor", "/"),
    "available": ("jr.handler", "/tasks?queue=available"),
    "mine": ("jr.handler", "/tasks?queue=mine"),
    "done": ("jr.handler", "/tasks?queue=done"),
    "with case handlers": ("jr.reviewer", "/tasks?queue=team"),
    "inbox": ("jr.clerk", "/tasks?queue=inbox"),
    "nothing found": ("jr.handler", "/tasks?queue=available&q=nothing-like-this"),
    "task": ("jr.handler", "/tasks/{task}"),
    "task, with objections": ("jr.handler", "/tasks/{objected}"),
    "cases": ("jr.handler", "/cases"),
    "approval sheet": ("jr.handler", "/cases/{case}/approval"),
    "register of documents": ("jr.reviewer", "/documents/register"),
    "register of documents, none": ("cz.clerk", "/documents/register"),
    "case": ("jr.handler", "/cases/{case}"),
    "case, diagram": ("jr.handler", "/cases/{case}?tab=flow"),
    "case, opinions": ("jr.handler", "/cases/{case}?tab=opinions"),
    "case, paper": ("jr.handler", "/cases/{case}/slip"),
    "case, record": ("jr.handler", "/cases/{case}?tab=record"),
    "case, materials": ("jr.handler", "/cases/{case}?tab=materials"),
    "case, papers": ("jr.handler", "/cases/{case}?tab=papers"),
    "case, copies": ("jr.handler", "/cases/{case}?tab=copies"),
    "case, why it is seen": ("jr.handler", "/cases/{case}/why"),
    "own case, why it is seen": ("enterprise-a.applicant", "/cases/{case}/why"),
    "task, why it is seen": ("jr.handler", "/tasks/{task}/why"),
    "paper, why it is seen": ("jr.handler", "/cases/{case}/documents/{paper}/why"),
    "case, who sees it": ("dc.supervisor", "/cases/{case}/readers"),
    "who sees a case, asked by nobody yet": ("admin.audit", "/audit/readers"),
    "who sees a case": ("admin.audit", "/audit/readers?no={case}"),
    "who sees a case, one person": ("admin.audit", "/audit/readers?no={case}&who=rh.handler"),
    "case, who opened it": ("dc.supervisor", "/cases/{case}/viewings"),
    "who opened what": ("admin.audit", "/audit/viewings"),
    "who opened what, wrong day": ("admin.audit", "/audit/viewings?from_on=x"),
    "measures": ("jr.handler", "/measures"),
    "what to apply for": ("jr.handler", "/apply"),
    "form": ("enterprise-a.applicant", "/apply/bond_subsidy"),
    "own task, to supply": ("enterprise-a.applicant", "/tasks/{supplement}"),
    "own applications": ("enterprise-a.applicant", "/my/applications"),
    "own case": ("enterprise-a.applicant", "/cases/{case}"),
    "own case, diagram": ("enterprise-a.applicant", "/cases/{case}?tab=flow"),
    "own materials": ("enterprise-a.applicant", "/cases/{case}?tab=materials"),
    "preview": ("jr.handler", "/cases/{case}/documents/{paper}/preview"),
    "papers to be submitted": ("enterprise-a.applicant", "/apply/drafts/{draft}"),
    "form to be submitted": ("enterprise-a.applicant", "/apply/drafts/{draft}/form"),
    "check before submitting": ("enterprise-a.applicant", "/apply/drafts/{draft}/check"),
    "receipt": ("enterprise-a.applicant", "/apply/receipt/{case}"),
    "delegations": ("jr.handler", "/delegations"),
    "copies": ("jr.handler", "/cases/{case}?tab=copies"),
    "backups": ("jr.handler", "/backups"),
    "backups, head": ("jr.leader", "/backups"),
    "hand-over": ("jr.leader", "/hand-over?who=jr.handler"),
    "hand-over, own": ("jr.handler", "/hand-over"),
    "hand-over, administrator": ("admin.system", "/hand-over?who=jr.handler"),
    "more": ("jr.handler", "/more"),
    "settings": ("jr.handler", "/me"),
    "password": ("jr.handler", "/me/password"),
    "second factor": ("jr.handler", "/me/second-factor"),
    "new token": ("jr.handler", "/me/tokens/new"),
    "measures, administrator": ("admin.audit", "/measures"),
    "not for this post": ("admin.audit", "/tasks"),
    "change of lead": ("admin.system", "/measures/2/lead"),
    "measures to be changed": ("admin.system", "/measures"),
    "incidents": ("admin.system", "/incidents"),
    "calendar": ("admin.system", "/calendar"),
    "people": ("admin.system", "/people"),
    "person": ("admin.system", "/people/1"),
    "new account": ("admin.system", "/people/new"),
    "posts": ("admin.system", "/posts"),
    "agencies": ("admin.system", "/agencies"),
    "grants": ("admin.security", "/grants"),
    "rules": ("admin.security", "/assignment-rules"),
    "rules, to be read": ("jr.handler", "/assignment-rules"),
    "rules, asked for": ("admin.system", "/assignment-rules"),
}

ANSWERS = {"unknown address": 404, "not for this post": 403, "who opened what, wrong day": 422}
"""What pages answer that are there to refuse."""


@pytest.fixture(scope="module")
def values(
    office: Office, case_no: str, task_id: int, objected: int, draft_id: int, paper_id: int, supplement_id: int
) -> dict[str, object]:
    """What stands in the addresses."""
    office.ask_for_rules()
    keys = {"task": task_id, "objected": objected, "draft": draft_id, "paper": paper_id, "supplement": supplement_id}
    return {"case": quote(case_no), **keys}


def look_at_every_page(
    sign_in: SignIn, values: Mapping[str, object], size: tuple[int, int], language: str
) -> list[object]:
    """Open every page as its reader; return what is wrong, each with the page's name."""
    wrong: list[object] = []
    for person in dict.fromkeys(person for person, _ in PAGES.values()):
        page = sign_in(person, size=size, language=language)
        for name, (reader, address) in PAGES.items():
            if reader == person:
                answer = page.goto(address.format(**values))
                status = answer.status if answer else None
                if status != ANSWERS.get(name, 200):
                    wrong.append((name, "answered", status))
                wrong += [(name, finding) for finding in _findings(page)]
    return wrong


_WIDEST = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= window.innerWidth) return [];
    const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1);
    return ["sideways", ...over.slice(0, 6).map((e) => e.outerHTML.slice(0, 120))];
}"""


def _findings(page: Page) -> list[object]:
    if page.locator("[data-diagram]").count():
        page.wait_for_selector("[data-diagram][data-ready]")
    found: list[object] = list(page.evaluate(_WIDEST))
    if page.locator("h1").count() != 1:
        found.append("not one h1")
    if page.locator("table th:not([scope])").count():
        found.append("th without scope")
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    result = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES)
    found += [(v["id"], [node["target"] for node in v["nodes"]][:3]) for v in result["violations"] if _serious(v)]
    return found


def _serious(violation: dict[str, str]) -> bool:
    return violation["impact"] in ("serious", "critical")
