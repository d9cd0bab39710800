"""The grounds in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp import wording
from webapp.translation import _
from webapp.ui.formats import day, moment, named
from workflows.cases.grounds import Ground
from workflows.cases.materials.grounds import PaperGround
from workflows.cases.why_seen import CopyGround, Reason, Seen, StepGround
from workflows.cases.why_seen_item import SeenNotice, SeenPaper
from workflows.clock import Clock, office_date
from workflows.policies.measures import list_measure_groups


@dataclass(frozen=True)
class ReasonLine:
    """One ground: what it is, and what it rests on."""

    text: str
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeenLine:
    """One person in one post, and why they see the case.

    Args:
        standing_in: whose post it is and until when, where it is not their own.
    """

    person: str
    username: str
    agency: str
    post: str
    standing_in: str | None
    reasons: tuple[ReasonLine, ...]


@dataclass(frozen=True)
class DutyLine:
    """A responsibility line of the measure that names the reader's agency."""

    no: str
    title: str
    clause: str
    role: str


def seen_lines(seen: Iterable[Seen]) -> tuple[SeenLine, ...]:
    """Return what is shown of each."""
    return tuple(
        SeenLine(
            person=named(each.person),
            username=each.person.code,
            agency=named(each.agency),
            post=wording.post_kind(each.post.code),
            standing_in=_standing_in(each),
            reasons=tuple(_reason(reason) for reason in each.reasons),
        )
        for each in seen
    )


def paper_lines(seen: SeenPaper) -> tuple[str, ...]:
    """Return why a paper is seen by whoever sees its case."""
    kept = (_("仅工作人员可见：参与此办件的单位的工作人员可以查看，申请人看不到"),) if seen.paper.internal else ()
    return (*kept, *(_PAPERS[ground]() for ground in seen.grounds))


def notice_lines(seen: SeenNotice) -> tuple[str, ...]:
    """Return why an official document is seen by whoever sees its case."""
    to = (_("公文发给本单位"),) if seen.addressed else ()
    return (*to, _("公文随办件查看：能看到此办件的都能看到"))


def by_person(seen: Iterable[Seen], who: str) -> tuple[Seen, ...]:
    """Keep those of one person, by user name or name."""
    return tuple(each for each in seen if who.lower() == each.person.code or who in (each.person.zh, each.person.en))


def responsibilities(session: Session, seen: Seen, clock: Clock) -> tuple[DutyLine, ...]:
    """Return the lines of the case's measure that name the reader's agency: why its steps came to it."""
    on = office_date(clock.now())
    return tuple(
        DutyLine(line.no, line.title, line.clause, wording.task_role("lead" if leads else "support"))
        for measure in list_measure_groups(session, on)
        for line in measure.lines
        for leads, codes in ((True, line.lead_codes), (False, line.support_codes))
        if seen.measure_no in (measure.no, line.no) and seen.agency.code in codes
    )


def _standing_in(seen: Seen) -> str | None:
    if seen.principal is None:
        return None
    if seen.until is not None:
        text = _("受%(name)s委托代行，到%(day)s为止", name=named(seen.principal), day=day(seen.until))
    else:
        text = _("%(name)s不在，作为B角顶岗", name=named(seen.principal))
    return _("%(text)s，限措施%(no)s", text=text, no=seen.scope) if seen.scope else text


def _reason(reason: Reason) -> ReasonLine:
    steps = tuple(_step(step) for step in reason.steps)
    if reason.predecessors:
        names = _("、").join(named(agency) for agency in reason.predecessors)
        return ReasonLine(_("本单位接替%(agencies)s办理，可以查看其在此办件看到的内容", agencies=names), steps)
    return ReasonLine(_GROUNDS[reason.ground](), (*steps, *(_copy(copy) for copy in reason.copies)))


def _step(step: StepGround) -> str:
    text = _(
        "“%(step)s”，%(role)s，%(day)s送达本单位",
        step=named(step.name),
        role=wording.task_role(step.role),
        day=moment(step.since),
    )
    if step.own:
        return _("%(text)s，由本人经手", text=text)
    return _("%(text)s，此岗位可以认领", text=text) if step.for_post else text


def _copy(copy: CopyGround) -> str:
    facts = {"day": moment(copy.sent_at), "agency": named(copy.agency), "person": named(copy.person)}
    if copy.personal:
        return _("%(day)s由%(agency)s%(person)s抄送本人", **facts)
    return _("%(day)s由%(agency)s%(person)s抄送本单位", **facts)


_PAPERS: dict[PaperGround, Callable[[], str]] = {
    PaperGround.OF_CASE: lambda: _("材料属于此办件，随办件查看"),
    PaperGround.SHARED: lambda: _("材料为整个申请共用，参与其中任何一件的都能看到"),
    PaperGround.OF_ROW: lambda: _("材料关于其中一家，本单位能看到这一家"),
}

_GROUNDS: dict[Ground, Callable[[], str]] = {
    Ground.SUPERVISION: lambda: _("督查岗位，可以查看全部办件"),
    Ground.APPLICANT: lambda: _("本单位是申请人"),
    Ground.APPLIED_FOR: lambda: _("由本单位发起"),
    Ground.STEP: lambda: _("此办件有环节由本单位办理"),
    Ground.STEP_OF_PART: lambda: _("其中一件有环节由本单位办理，总件只能看到相应部分"),
    Ground.STEP_OF_WHOLE: lambda: _("总件有环节由本单位办理，可以查看其中各件"),
    Ground.SUCCESSION: lambda: _("本单位接替其他单位办理此办件"),
    Ground.COPY: lambda: _("此办件已抄送，只能查看"),
    Ground.COPY_OF_WHOLE: lambda: _("总件已抄送，其中各件只能查看"),
}
