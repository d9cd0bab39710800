"""The organisation comes from data, once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories.org import actor, agency, seed_organisation
from workflows.agencies.directory import group_members, list_agencies
from workflows.agencies.models import Agency, AgencyKind, Appointment, Person, Post
from workflows.agencies.seeding import list_demo_accounts, load_agencies, load_demo_accounts, load_demo_parties
from workflows.clock import FixedClock
from workflows.permissions import PostKind
from workflows.uscc import require_uscc

ON = date(2019, 9, 30)
CITY = ["JR", "CZ", "PJR", "FG", "RH", "YBJ", "SWJ", "SW", "GX", "ZX", "ZRZY", "ZJ", "FY", "CT", "KFQ", "DC"]
X13 = [
    *("YHQ", "YONGJI", "HEJIN", "LINYI", "WANRONG", "WENXI", "JISHAN"),
    *("XINJIANG", "JIANGXIAN", "YUANQU", "XIAXIAN", "PINGLU", "RUICHENG"),
]


def test_every_agency_of_the_policy_is_there(session: Session) -> None:
    load_agencies(session)
    codes = set(session.scalars(select(Agency.code)))
    assert codes == {*CITY, *X13, *(f"{county}-CZ" for county in X13), "ZFB"}


def test_groups_have_the_members_of_the_policy(session: Session) -> None:
    load_agencies(session)
    assert [member.code for member in group_members(session, "X13", ON)] == X13
    assert [member.code for member in group_members(session, "U14", ON)] == [*X13, "KFQ"]
    assert group_members(session, "BANKS", ON) == ()


def test_county_finance_bureau_belongs_to_its_county(session: Session) -> None:
    load_agencies(session)
    for county in X13:
        bureau = agency(session, f"{county}-CZ")
        assert (bureau.kind, bureau.parent_id) == (AgencyKind.COUNTY_FINANCE, agency(session, county).id)


def test_bodies_that_report_vertically_are_marked(session: Session) -> None:
    load_agencies(session)
    load_demo_parties(session)
    vertical = {a.code for a in list_agencies(session, ON) if a.vertical}
    outside = {a.code for a in list_agencies(session, ON) if a.outside}
    assert vertical == {"FY", "RH", "YBJ", "SWJ"}
    assert outside == {
        "BANK-A",
        "BANK-B",
        "INSURER-A",
        "GUARANTOR-A",
        "ENTERPRISE-A",
        "ENTERPRISE-B",
        "ENTERPRISE-C",
    }


def test_demo_parties_have_credit_codes_that_check(session: Session) -> None:
    load_demo_parties_only(session)
    codes = session.scalars(select(Agency.uscc).where(Agency.outside)).all()
    assert len(set(codes)) == 7
    for code in codes:
        assert require_uscc(code, "uscc") == code


def load_demo_parties_only(session: Session) -> None:
    load_agencies(session)
    load_demo_parties(session)


def test_loading_again_adds_nothing_and_keeps_what_was_edited(session: Session, clock: FixedClock) -> None:
    seed_organisation(session, clock)
    agency(session, "JR").short_zh = "市地方金融局"
    before = counts(session)
    assert load_agencies(session) == 0
    assert load_demo_parties(session) == 0
    assert load_demo_accounts(session, password_hash="another", clock=clock) == 0
    assert counts(session) == before
    assert agency(session, "JR").short_zh == "市地方金融局"
    assert session.scalar(select(func.count()).where(Person.password_hash == "another")) == 0


def counts(session: Session) -> list[int | None]:
    return [session.scalar(select(func.count()).select_from(table)) for table in (Agency, Person, Post, Appointment)]


@pytest.mark.parametrize(
    ("username", "agency_code", "kind", "name"),
    [
        ("jr.handler", "JR", PostKind.HANDLER, "经办人甲"),
        ("jr.handler2", "JR", PostKind.HANDLER, "经办人乙"),
        ("cz.leader", "CZ", PostKind.LEADER, "分管领导"),
        ("cz.reviewer", "CZ", PostKind.REVIEWER, "科室负责人"),
        ("pjr.handler", "PJR", PostKind.HANDLER, "经办人甲"),
        ("pjr.system", "PJR", PostKind.INTEGRATION, "省金融办业务系统"),
        ("dc.supervisor", "DC", PostKind.SUPERVISOR, "督查员"),
        ("yanhu.handler", "YHQ", PostKind.HANDLER, "盐湖区经办人甲"),
        ("yanhu-cz.handler", "YHQ-CZ", PostKind.HANDLER, "盐湖区财政局经办人甲"),
        ("linyi.clerk", "LINYI", PostKind.CLERK, "临猗县收文员"),
        ("jiangxian.handler", "JIANGXIAN", PostKind.HANDLER, "绛县经办人甲"),
        ("kfq.handler", "KFQ", PostKind.HANDLER, "运城开发区经办人甲"),
        ("bank-a.applicant", "BANK-A", PostKind.APPLICANT, "A银行申请人"),
        ("bank-b.applicant", "BANK-B", PostKind.APPLICANT, "B银行申请人"),
        ("enterprise-a.applicant", "ENTERPRISE-A", PostKind.APPLICANT, "甲禾果业申请人"),
        ("guarantor-a.applicant", "GUARANTOR-A", PostKind.APPLICANT, "乙安担保申请人"),
        ("admin.system", "ZFB", PostKind.SYSTEM_ADMIN, "系统管理员"),
        ("admin.security", "ZFB", PostKind.SECURITY_ADMIN, "安全管理员"),
        ("admin.audit", "ZFB", PostKind.AUDIT_ADMIN, "审计管理员"),
    ],
)
def test_demo_account_acts_in_its_post(
    session: Session, clock: FixedClock, username: str, agency_code: str, kind: PostKind, name: str
) -> None:
    seed_organisation(session, clock)
    someone = actor(session, username, clock)
    assert (someone.agency_code, someone.post_kind, someone.person_name) == (agency_code, kind, name)


def test_every_agency_inside_government_has_all_five_officers() -> None:
    officers = {"clerk", "handler", "handler2", "reviewer", "leader"}
    found: dict[str, set[str]] = {}
    for account in list_demo_accounts():
        found.setdefault(account.agency_code, set()).add(account.username.rpartition(".")[2])
    for code in (*CITY, *X13, *(f"{county}-CZ" for county in X13)):
        assert officers <= found[code], code


def test_demo_account_names_differ() -> None:
    names = [account.username for account in list_demo_accounts()]
    assert len(names) == len(set(names))
    assert all(name == name.lower() for name in names)
