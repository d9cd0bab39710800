"""Loads agencies, groups and demo posts from the data files beside this module.

Every loader adds what is missing, by code, and leaves what is there as it is: a second start changes nothing, and
what an administrator has edited stays edited.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency, AgencyGroup, AgencyGroupMember, AgencyKind, Appointment, Person, Post
from workflows.clock import Clock
from workflows.permissions import PostKind


def load_agencies(session: Session) -> int:
    """Add the agencies and groups of the policy; return how many agencies were new."""
    data = _read("agencies.toml")
    added = _add_agencies(session, data["agency"])
    _add_groups(session, data["group"])
    for row in data["group"]:
        _add_members(session, row["code"], row["members"])
    return added


def load_demo_parties(session: Session) -> int:
    """Add banks, enterprises and others that do not exist; return how many were new. Not for production."""
    data = _read("demo.toml")
    added = _add_agencies(session, data["agency"])
    for row in data["membership"]:
        _add_members(session, row["group"], row["members"])
    return added


@dataclass(frozen=True)
class DemoAccount:
    """Who a demo account stands for.

    Args:
        username: such as `jr.handler`.
        agency_code: the agency of its post.
        kind, seat: the post within the agency.
        post_zh, post_en: name of the post.
        person_zh, person_en: name of the person.
    """

    username: str
    agency_code: str
    kind: PostKind
    seat: int
    post_zh: str
    post_en: str
    person_zh: str
    person_en: str


def list_demo_accounts() -> tuple[DemoAccount, ...]:
    """Return every demo account that the data files describe."""
    demo = _read("demo.toml")
    agencies = [*_read("agencies.toml")["agency"], *demo["agency"]]
    named = frozenset(demo["named_after_agency"])
    return tuple(
        _demo_account(agency, post, named)
        for post in demo["post"]
        for agency in agencies
        if agency["kind"] in post.get("agency_kinds", ()) or agency["code"] == post.get("agency")
    )


def load_demo_accounts(session: Session, *, password_hash: str, clock: Clock) -> int:
    """Add the demo accounts that are missing, all with one password; return how many were new.

    Args:
        session: the caller commits.
        password_hash: made once by the caller: hashing two hundred times would take seconds.
        clock: tells when the accounts were made.
    """
    appointed_on = _read("demo.toml")["appointed_on"]
    agencies = {agency.code: agency.id for agency in session.scalars(select(Agency))}
    known = set(session.scalars(select(Person.username)))
    posts = {(post.agency_id, post.kind, post.seat): post for post in session.scalars(select(Post))}
    pairs: list[tuple[Person, Post]] = []
    for account in list_demo_accounts():
        if account.username in known:
            continue
        place = (agencies[account.agency_code], account.kind, account.seat)
        post = posts.get(place) or Post(
            agency_id=place[0],
            kind=account.kind,
            seat=account.seat,
            name_zh=account.post_zh,
            name_en=account.post_en,
        )
        person = Person(
            username=account.username,
            name_zh=account.person_zh,
            name_en=account.person_en,
            password_hash=password_hash,
            created_at=clock.now(),
        )
        pairs.append((person, post))
    session.add_all([row for pair in pairs for row in pair])
    session.flush()
    session.add_all([Appointment(post_id=post.id, person_id=person.id, from_on=appointed_on) for person, post in pairs])
    session.flush()
    return len(pairs)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("workflows.agencies").joinpath("seed", name).read_text(encoding="utf-8"))


def _add_agencies(session: Session, rows: list[dict[str, Any]]) -> int:
    known = {agency.code: agency for agency in session.scalars(select(Agency))}
    missing = [row for row in rows if row["code"] not in known]
    for row in missing:
        agency = Agency(
            code=row["code"],
            name_zh=row["name_zh"],
            short_zh=row["short_zh"],
            name_en=row["name_en"],
            short_en=row["short_en"],
            kind=AgencyKind(row["kind"]),
            vertical=row.get("vertical", False),
            outside=row.get("outside", False),
            signs_for_work=row.get("signs_for_work", False),
            uscc=row.get("uscc"),
            document_prefix=row.get("document_prefix"),
            valid_from=row.get("valid_from"),
            valid_to=row.get("valid_to"),
        )
        session.add(agency)
        known[agency.code] = agency
    session.flush()
    _add_document_prefixes(session, rows)
    for row in missing:
        if "parent" in row:
            known[row["code"]].parent_id = known[row["parent"]].id
    session.flush()
    return len(missing)


def _add_document_prefixes(session: Session, rows: list[dict[str, Any]]) -> None:
    """Agencies entered before documents were numbered get their prefix too."""
    prefixes = {row["code"]: row["document_prefix"] for row in rows if "document_prefix" in row}
    without = select(Agency).where(Agency.document_prefix.is_(None), Agency.code.in_(prefixes))
    for agency in session.scalars(without):
        agency.document_prefix = prefixes[agency.code]


def _add_groups(session: Session, rows: list[dict[str, Any]]) -> None:
    known = set(session.scalars(select(AgencyGroup.code)))
    session.add_all(
        [
            AgencyGroup(
                code=row["code"],
                name_zh=row["name_zh"],
                short_zh=row["short_zh"],
                name_en=row["name_en"],
                short_en=row["short_en"],
            )
            for row in rows
            if row["code"] not in known
        ]
    )
    session.flush()


def _add_members(session: Session, group_code: str, rows: list[dict[str, Any]]) -> None:
    group_id = session.scalars(select(AgencyGroup.id).where(AgencyGroup.code == group_code)).one()
    agencies = {agency.code: agency.id for agency in session.scalars(select(Agency))}
    members = AgencyGroupMember
    known = set(session.scalars(select(members.agency_id).where(members.group_id == group_id)))
    session.add_all(
        [
            AgencyGroupMember(
                group_id=group_id,
                agency_id=agencies[row["agency"]],
                ordinal=place,
                valid_from=row["valid_from"],
                valid_to=row.get("valid_to"),
            )
            for place, row in enumerate(rows, start=1)
            if agencies[row["agency"]] not in known
        ]
    )
    session.flush()


def _demo_account(agency: dict[str, Any], post: dict[str, Any], named: frozenset[str]) -> DemoAccount:
    login = agency.get("login", agency["code"].lower())
    zh, en = post["person_zh"], post["person_en"]
    if agency["kind"] in named:
        zh, en = f"{agency['short_zh']}{zh}", f"{en}, {agency['short_en']}"
    return DemoAccount(
        username=post["login"] if "agency" in post else f"{login}.{post['login']}",
        agency_code=agency["code"],
        kind=PostKind(post["kind"]),
        seat=post["seat"],
        post_zh=post["name_zh"],
        post_en=post["name_en"],
        person_zh=zh,
        person_en=en,
    )
