"""补正 changes the application: a further form is kept beside the earlier ones, and the case is called as it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflows.cases.aggregate import Family
from workflows.cases.models import Case, CaseForm
from workflows.cases.search.indexing import index_again
from workflows.cases.variables import lookup
from workflows.clock import Clock
from workflows.engine import ProcessModel
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import Actor


def case_names(model: ProcessModel, form: Mapping[str, Any], *, title: str, applicant_name: str) -> dict[str, Any]:
    """Return what a case is called after its application.

    Args:
        model: says which fields name it.
        form: the application.
        title: where the form does not say.
        applicant_name: where the form does not say.
    """
    attributes = model.attributes
    return {
        "title": str(lookup(form, attributes.get("titleField", "")) or title)[:300],
        "applicant_name": str(lookup(form, attributes.get("applicantName", "")) or applicant_name)[:200],
        "applicant_uscc": lookup(form, attributes.get("applicantUscc", "")),
    }


def check_renewal(session: Session, family: Family, form: Mapping[str, Any]) -> None:
    """Refuse an application that would put another company into a child case that has its number already.

    Its papers, notices and decisions are that company's; whoever drops out withdraws, whoever joins is added behind.

    Raises:
        InvalidInputError: a row is missing, or names another company.
    """
    errors = []
    for child in _children(session, family):
        name, rows = _rows(family, form)
        index = child.child_index or 0
        if index >= len(rows):
            errors.append(FieldError(name, "too-few", {"minimum": index + 1}))
        elif rows[index].get("uscc") != child.applicant_uscc:
            errors.append(FieldError(f"{name}.{index}.uscc", "not-allowed"))
    if errors:
        raise InvalidInputError(errors)


def renew_application(session: Session, family: Family, form: Mapping[str, Any], *, actor: Actor, clock: Clock) -> None:
    """Keep a further version of the application; the earlier ones stay as they were."""
    last = session.scalar(select(func.max(CaseForm.number)).where(CaseForm.case_id == family.id)) or 0
    session.add(
        CaseForm(
            case_id=family.id,
            number=last + 1,
            data=dict(form),
            saved_at=clock.now(),
            saved_by_person_id=actor.person_id,
        )
    )
    names = case_names(family.process.model, form, title=family.title, applicant_name=family.applicant_name)
    _name(session, family.id, names)
    family.title, family.applicant_name = names["title"], names["applicant_name"]
    for child in _children(session, family):
        row = _rows(family, form)[1][child.child_index or 0]
        _name(session, child.id, {"title": family.title, "applicant_name": str(row.get("name"))[:200]})
    index_again(session, [family.id])


def _children(session: Session, family: Family) -> Sequence[Case]:
    return session.scalars(select(Case).where(Case.parent_id == family.id).order_by(Case.child_index)).all()


def _rows(family: Family, form: Mapping[str, Any]) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """Return the list that child cases stand for, with its name."""
    for node in family.process.model.nodes.values():
        if "childCase" in node.attributes and node.multi_instance is not None:
            name = node.multi_instance.input_name or ""
            rows = form.get(name)
            return name, rows if isinstance(rows, list) else ()
    return "", ()


def _name(session: Session, case_id: int, names: Mapping[str, Any]) -> None:
    session.execute(update(Case).where(Case.id == case_id).values(**names).execution_options(synchronize_session=False))
