"""The process somebody applies under: its form, and the check of the answers before they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from webapp.ui.forms import Filled
from webapp.ui.language import pick
from workflows.cases.forms import validate_form
from workflows.cases.open_case import form_context
from workflows.clock import Clock, office_date
from workflows.errors import InvalidInputError, NotFoundError
from workflows.policies.responsibilities import leads
from workflows.processes import get_process, get_published
from workflows.processes.materials import MaterialItem


@dataclass(frozen=True)
class Applicable:
    """A process with its application form, in the newest published version.

    Args:
        papers: what the applicant has to come with.
        limit_days: working days a case has from its acceptance; None where nothing is said.
    """

    key: str
    name: str
    measure_no: str
    schema: Mapping[str, Any]
    papers: tuple[MaterialItem, ...]
    limit_days: int | None

    @property
    def takes_papers(self) -> bool:
        """Papers are laid to an application before it is checked."""
        return bool(self.papers)


def applicable(session: Session, key: str) -> Applicable:
    """Return the process.

    Raises:
        NotFoundError: no such process, nothing of it is published, or nobody can apply under it.
    """
    summary = get_process(session, key)
    process = get_published(session, summary.version_id, summary.sha256)
    schema = process.form(process.model.attributes.get("applyForm"))
    if schema is None:
        raise NotFoundError("process", key)
    return Applicable(
        key=key,
        name=pick(summary.name_zh, summary.name_en),
        measure_no=summary.measure_no,
        schema=schema,
        papers=tuple(item for item in process.checklist.items if item.supplied_by == "applicant"),
        limit_days=int(days) if (days := process.model.attributes.get("workingDays")) else None,
    )


def check_answers(session: Session, process: Applicable, filled: Filled, *, clock: Clock) -> None:
    """Check what was filled in, as opening the case will.

    Raises:
        InvalidInputError: with every field that is wrong; what could not be read comes first.
    """
    errors = list(filled.errors)
    try:
        validate_form(process.schema, filled.data, form_context(session, clock))
    except InvalidInputError as error:
        unread = {e.field for e in errors}
        errors += [e for e in error.errors if e.field not in unread]
    if errors:
        raise InvalidInputError(errors)


def first_agency(session: Session, process: Applicable, clock: Clock) -> str | None:
    """Return the name of who leads the measure, and so checks the application first."""
    found = leads(session, process.measure_no, office_date(clock.now()))
    return pick(found[0].short_zh, found[0].short_en) if found else None
