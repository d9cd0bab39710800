"""Who signs at the open steps that several sign, for the lead who may ask one more or one less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.agencies.directory import agency_ref, list_agencies
from workflows.agencies.models import Agency
from workflows.cases.access import get_visible_case, root_id_of
from workflows.cases.models import ENDED, OPEN, CaseStatus, HumanTask
from workflows.cases.names import named_agency, node_name
from workflows.cases.views import Named
from workflows.clock import Clock, office_date
from workflows.permissions import Actor, Permission
from workflows.policies.responsibilities import leads
from workflows.processes import load_version


@dataclass(frozen=True)
class Signer:
    """One agency that has yet to sign.

    Args:
        task_id: its task.
        added: asked by the lead, so the lead may also take the request back.
    """

    task_id: int
    agency: Named
    added: bool


@dataclass(frozen=True)
class SigningStep:
    """A step that several sign, with those who have yet to."""

    name: Named
    signers: tuple[Signer, ...]


def signing_steps(session: Session, case_no: str, *, actor: Actor, clock: Clock) -> tuple[SigningStep, ...]:
    """Return the open steps whose signers the actor may change: none unless a lead agency of the measure asks.

    Raises:
        NotFoundError: no such case for the actor.
    """
    case = get_visible_case(session, case_no, actor=actor)
    if case.status in ENDED or case.status == CaseStatus.SUSPENDED or not actor.may(Permission.TASK_COMPLETE):
        return ()
    if actor.agency_code not in {agency.code for agency in leads(session, case.measure_no, office_date(clock.now()))}:
        return ()
    version = load_version(session, case.process_version_id)
    nodes = version.process.model.nodes
    rows = session.execute(
        select(HumanTask.id, HumanTask.node_id, HumanTask.added_signer, Agency)
        .join(Agency, Agency.id == HumanTask.agency_id)
        .where(HumanTask.root_id == root_id_of(case), HumanTask.status.in_(OPEN))
        .order_by(HumanTask.id)
    ).all()
    steps: dict[str, list[Signer]] = {}
    for row in rows:
        if nodes[row.node_id].multi_instance is not None:
            agency = named_agency(agency_ref(row.Agency))
            steps.setdefault(row.node_id, []).append(Signer(row.id, agency, row.added_signer))
    return tuple(SigningStep(node_name(nodes[node_id]), tuple(signers)) for node_id, signers in steps.items())


def possible_signers(session: Session, *, clock: Clock) -> Sequence[Named]:
    """Return the agencies of government that can be asked to sign today."""
    agencies = list_agencies(session, office_date(clock.now()))
    return tuple(named_agency(agency) for agency in agencies if not agency.outside)
