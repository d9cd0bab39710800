"""What to say once a case has moved: what happened, who has it now, what is next. Never a bare "done"."""

from __future__ import annotations

from flask import flash

from webapp import wording
from webapp.translation import _
from webapp.ui.formats import named, working_days
from workflows.cases.views import Moved, NextStep


def after_move(moved: Moved, *, returned: bool = False) -> None:
    """Leave the sentence for the next page."""
    flash(sentence(moved, returned=returned), "warning" if moved.incident_id else "done")


def sentence(moved: Moved, *, returned: bool = False) -> str:
    """Return what a command brought about, in one sentence."""
    if moved.incident_id is not None:
        return _(
            "%(case)s没有转出，内容未变：流程停在此环节，故障编号%(incident)s，系统管理员可以重试",
            case=moved.case_no,
            incident=moved.incident_id,
        )
    if moved.next_steps and all(step.agency is None for step in moved.next_steps):
        ends = _("、").join(named(step.name) for step in moved.next_steps)
        return _("%(case)s已提交，结果：%(ends)s", case=moved.case_no, ends=ends)
    if moved.next_steps:
        steps = _("、").join(dict.fromkeys(_step(step) for step in moved.next_steps))
        if returned:
            return _("%(case)s已退回%(steps)s", case=moved.case_no, steps=steps)
        return _("%(case)s已提交，转%(steps)s", case=moved.case_no, steps=steps)
    if moved.outcome:
        return _("%(case)s已办结：%(outcome)s", case=moved.case_no, outcome=wording.outcome(moved.outcome))
    return _("%(case)s已提交，等其他单位办完后继续", case=moved.case_no)


def outlook(moved: Moved) -> tuple[str, ...]:
    """Return what submitting would bring, one sentence for each step the case would go to."""
    if moved.next_steps:
        return tuple(dict.fromkeys(_to_come(step) for step in moved.next_steps))
    if moved.outcome:
        return (_("提交后办结：%(outcome)s", outcome=wording.outcome(moved.outcome)),)
    return (_("提交后等其他单位办完再继续"),)


def _to_come(step: NextStep) -> str:
    if step.agency is None:
        return _("提交后办件到“%(end)s”", end=named(step.name))
    who = named(step.agency)
    if step.post_kind:
        who = _("%(agency)s%(post)s", agency=who, post=wording.post_kind(step.post_kind))
    if step.limit_days is None:
        return _("提交后转%(who)s「%(step)s」", who=who, step=named(step.name))
    limit = working_days(step.limit_days)
    return _("提交后转%(who)s「%(step)s」，限%(limit)s", who=who, step=named(step.name), limit=limit)


def _step(step: NextStep) -> str:
    if step.agency is None:
        return named(step.name)
    return _("%(agency)s「%(step)s」", agency=named(step.agency), step=named(step.name))
