"""Loads policies from the data files beside this module: measures, lines, responsibilities, participants.

A policy whose document number is known is left as it is, and so are case types and participants that are there.
"""

from __future__ import annotations

import tomllib
from datetime import date
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency, AgencyGroup
from workflows.policies.models import (
    CaseType,
    LineCaseType,
    Measure,
    Participant,
    ParticipantSource,
    Policy,
    Responsibility,
    ResponsibilityKind,
    ResponsibilityLine,
)


def load_policies(session: Session) -> int:
    """Add the policies that are missing; return how many were new.

    Agencies and groups must have been loaded; the caller commits.

    Raises:
        KeyError: a data file names a code that no agency or group has.
    """
    folder = files("workflows.policies").joinpath("seed")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sum(_load(session, tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))) for name in names)


def _load(session: Session, data: dict[str, Any]) -> int:
    head = data["policy"]
    case_types = _add_case_types(session, data["case_type"])
    _add_participants(session, data["participant"], head["valid_from"])
    number = head["document_number"]
    if session.scalars(select(Policy.id).where(Policy.document_number == number)).one_or_none() is not None:
        return 0
    policy = Policy(document_number=number, title=head["title"], issued_on=head["issued_on"], source=head["source"])
    session.add(policy)
    session.flush()
    loader = _LineLoader(session, case_types, head["valid_from"])
    for place, row in enumerate(data["measure"], start=1):
        measure = Measure(policy_id=policy.id, no=row["no"], title=row["title"], section=row["section"], ordinal=place)
        session.add(measure)
        session.flush()
        for line in row["line"]:
            loader.add(measure.id, line)
    session.flush()
    return 1


class _LineLoader:
    """Adds lines one after the other, resolving codes to keys."""

    def __init__(self, session: Session, case_types: dict[str, int], valid_from: date) -> None:
        self.session, self.case_types, self.valid_from = session, case_types, valid_from
        self.agencies = {row.code: row.id for row in session.scalars(select(Agency))}
        self.groups = {row.code: row.id for row in session.scalars(select(AgencyGroup))}
        self.ordinal = 0

    def add(self, measure_id: int, row: dict[str, Any]) -> None:
        self.ordinal += 1
        line = ResponsibilityLine(
            measure_id=measure_id,
            no=row["no"],
            title=row["title"],
            clause=row["clause"],
            body=row["body"],
            classes=row["classes"],
            ordinal=self.ordinal,
            valid_from=self.valid_from,
        )
        self.session.add(line)
        self.session.flush()
        self._add_responsibilities(line.id, ResponsibilityKind.LEAD, row["leads"])
        self._add_responsibilities(line.id, ResponsibilityKind.SUPPORT, row["supports"])
        self.session.add_all(
            [LineCaseType(line_id=line.id, case_type_id=self.case_types[code]) for code in row["case_types"]]
        )

    def _add_responsibilities(self, line_id: int, kind: ResponsibilityKind, codes: list[str]) -> None:
        self.session.add_all(
            [
                Responsibility(
                    line_id=line_id,
                    kind=kind,
                    ordinal=place,
                    agency_id=None if code in self.groups else self.agencies[code],
                    group_id=self.groups.get(code),
                    valid_from=self.valid_from,
                )
                for place, code in enumerate(codes, start=1)
            ]
        )


def _add_case_types(session: Session, rows: list[dict[str, Any]]) -> dict[str, int]:
    known = {row.code: row.id for row in session.scalars(select(CaseType))}
    for place, row in enumerate(rows, start=1):
        if row["code"] not in known:
            session.add(CaseType(code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"], ordinal=place))
    session.flush()
    return {row.code: row.id for row in session.scalars(select(CaseType))}


def _add_participants(session: Session, rows: list[dict[str, Any]], valid_from: date) -> None:
    agencies = {row.code: row.id for row in session.scalars(select(Agency))}
    known = {(row.process_key, row.duty) for row in session.scalars(select(Participant))}
    session.add_all(
        [
            Participant(
                process_key=row["process"],
                duty=row["duty"],
                agency_id=agencies[row["agency"]],
                source=ParticipantSource(row["source"]),
                note=row["note"],
                valid_from=valid_from,
            )
            for row in rows
            if (row["process"], row["duty"]) not in known
        ]
    )
    session.flush()
