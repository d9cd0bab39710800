"""会签: joint leads sign for figures; a figure that is corrected voids what was signed for the old one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows import audit
from workflows.cases.aggregate import Family, current_form
from workflows.cases.models import HumanTask, TaskStatus
from workflows.cases.opinions.steps import figures_of, is_signing, signing_nodes
from workflows.cases.opinions.tables import SignedFigures
from workflows.cases.opinions.voiding import VoidReason, void_signatures
from workflows.cases.renewal import renew_application
from workflows.cases.ways import follows
from workflows.clock import Clock
from workflows.engine import Step
from workflows.engine.model import Node
from workflows.errors import FieldError, InvalidInputError
from workflows.events import EventType
from workflows.permissions import Actor


@dataclass(frozen=True)
class Signing:
    """What a decision means for figures and signatures.

    Args:
        corrected: the application with its corrected figures; None where none is corrected by this step.
        changed: figure → value before and after.
        outdated: signatures given for figures that change.
        again: those of `outdated` that must be given again at this very step, as its instances.
    """

    corrected: Mapping[str, Any] | None = None
    changed: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    outdated: Sequence[HumanTask] = ()
    again: Sequence[int] = ()


def prepare(
    session: Session,
    family: Family,
    node: Node,
    task: HumanTask,
    data: Mapping[str, Any],
    renewed: Mapping[str, Any] | None,
) -> Signing:
    """Find out which figures a decision changes, and whose signatures that voids.

    Args:
        data: the step's own form.
        renewed: the application, where the step renews it whole.

    Raises:
        InvalidInputError: a figure was signed for, and the case does not come back to where it is signed.
    """
    names = _names(family, node, data, renewed)
    if not names:
        return Signing()
    form = current_form(session, family.id)
    said = data if renewed is None else renewed
    changed = {name: (form.get(name), said.get(name)) for name in names if said.get(name) != form.get(name)}
    if not changed:
        return Signing()
    outdated = _valid(session, family, [each.id for each in signing_nodes(family.process.model, changed)])
    if renewed is not None:
        return Signing(changed=changed, outdated=outdated)
    _require_signed_later(family, node, outdated, changed)
    here = [one for one in outdated if one.node_id == node.id and one.case_id == task.case_id]
    return Signing(
        corrected={**form, **{name: after for name, (_before, after) in changed.items()}},
        changed=changed,
        outdated=outdated,
        again=[one.instance for one in here if one.instance is not None],
    )


def _names(family: Family, node: Node, data: Mapping[str, Any], renewed: Mapping[str, Any] | None) -> Sequence[str]:
    if renewed is None:
        return [name for name in figures_of(node) if name in data]
    return [name for each in signing_nodes(family.process.model) for name in figures_of(each)]


def _require_signed_later(
    family: Family, node: Node, outdated: Sequence[HumanTask], changed: Mapping[str, Any]
) -> None:
    passed = [one for one in outdated if one.node_id != node.id and not follows(family, one.node_id, node.id)]
    if passed:
        raise InvalidInputError([FieldError(name, "signed-already") for name in changed])


def _valid(session: Session, family: Family, node_ids: Sequence[str]) -> Sequence[HumanTask]:
    """Signatures that count, at some steps of the family."""
    return session.scalars(
        select(HumanTask)
        .where(
            HumanTask.root_id == family.id,
            HumanTask.node_id.in_(node_ids),
            HumanTask.status == TaskStatus.COMPLETED,
            HumanTask.voided_at.is_(None),
        )
        .order_by(HumanTask.id)
    ).all()


def settle(
    session: Session,
    family: Family,
    node: Node,
    task: HumanTask,
    signing: Signing,
    step: Step,
    *,
    actor: Actor,
    clock: Clock,
) -> None:
    """Keep what a completed decision was signed for, the figures it corrected, and void what it outdated.

    Args:
        step: the move the decision makes; a new round of signing in it voids the round before.
    """
    if signing.corrected is not None:
        renew_application(session, family, signing.corrected, actor=actor, clock=clock)
        changes = {name: list(values) for name, values in signing.changed.items()}
        audit.append(
            session,
            actor=actor,
            event=EventType.CASE_CORRECTED,
            case_id=task.case_id,
            task_id=task.id,
            payload={"node": node.id, "figures": changes},
            clock=clock,
        )
    if is_signing(node) and figures_of(node):
        form = current_form(session, family.id)
        session.add(SignedFigures(task_id=task.id, figures={name: form.get(name) for name in figures_of(node)}))
        session.flush()
    void_signatures(session, signing.outdated, VoidReason.FIGURES_CHANGED, signing.changed, actor=actor, clock=clock)
    repeated = _repeated(family, task, step, signing.again)
    if repeated:
        earlier = _valid(session, family, repeated)
        void_signatures(session, earlier, VoidReason.SIGNING_REPEATED, {}, actor=actor, clock=clock)


def _repeated(family: Family, task: HumanTask, step: Step, again: Sequence[int]) -> Sequence[str]:
    """The steps of which a move opens a new round: its first instance, not one that is only done again."""
    found = []
    for node in signing_nodes(family.process.model):
        opened = {token.scope[-1].index for token in step.opened if token.node_id == node.id and token.scope}
        if 0 in opened - (set(again) if node.id == task.node_id else set()):
            found.append(node.id)
    return found
