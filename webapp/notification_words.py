"""What notifications say: one sentence for each kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.translation import _, ngettext
from workflows.cases.notifications import NotificationKind
from workflows.cases.views import Named, NotificationRow


def notification_sentence(row: NotificationRow, language: str) -> str:
    """Return what a notification says, in the locale in force; names of people and steps are in `language`."""
    say = SENTENCES.get(row.kind)
    return say(_name(row.by, language), _about(row, language)) if say else row.kind


def _about(row: NotificationRow, language: str) -> str:
    facts = row.facts
    if "line" in facts:
        return ngettext(
            "措施%(no)s，接办%(num)s项任务", "措施%(no)s，接办%(num)s项任务", facts["number"], no=facts["line"]
        )
    if "number" in facts:
        return ngettext("%(num)s项工作", "%(num)s项工作", facts["number"])
    if "to" in facts:
        return str(facts["to"][language] or facts["to"]["zh"])
    return _name(row.task_name, language) or str(facts.get("file", ""))


def _name(named: Named | None, language: str) -> str:
    if named is None:
        return ""
    return named.en if language == "en" else named.zh


SENTENCES: Mapping[str, Callable[[str, str], str]] = {
    NotificationKind.ASSIGNED: lambda who, task: _("%(who)s指派您办理“%(task)s”", who=who, task=task),
    NotificationKind.TRANSFERRED: lambda who, task: _("%(who)s将“%(task)s”转您办理", who=who, task=task),
    NotificationKind.DELEGATED: lambda who, task: _("%(who)s委派您代办“%(task)s”，办完交回", who=who, task=task),
    NotificationKind.DELEGATE_DONE: lambda who, task: _(
        "%(who)s已办完您委派的“%(task)s”，请核对后提交", who=who, task=task
    ),
    NotificationKind.DELEGATION_STARTED: lambda who, _task: _("%(who)s委托您代行职责", who=who),
    NotificationKind.DELEGATION_ENDED: lambda who, _task: _("%(who)s委托您代行职责的委托已提前结束", who=who),
    NotificationKind.ABSENCE_RECORDED: lambda who, _task: _("%(who)s为您登记了请假、外出", who=who),
    NotificationKind.ABSENCE_ENDED: lambda who, _task: _("%(who)s已将您登记的请假、外出提前结束", who=who),
    NotificationKind.BACKUP_NAMED: lambda who, _task: _("%(who)s指定您为B角，A角不在岗时由您顶岗", who=who),
    NotificationKind.BACKUP_OF_POST: lambda who, _task: _("%(who)s为您的岗位指定了B角", who=who),
    NotificationKind.BACKUP_ENDED: lambda who, _task: _("%(who)s取消了与您有关的B角安排", who=who),
    NotificationKind.RETURNED: lambda who, task: _("%(who)s退回“%(task)s”，需重新办理", who=who, task=task),
    NotificationKind.URGED: lambda who, task: _("%(who)s催办“%(task)s”", who=who, task=task),
    NotificationKind.COPIED: lambda who, _task: _("%(who)s抄送一件办件，请阅知", who=who),
    NotificationKind.DUE_SOON: lambda _who, task: _("“%(task)s”临期", task=task),
    NotificationKind.OVERDUE: lambda _who, task: _("“%(task)s”已逾期", task=task),
    NotificationKind.DEEMED_NO_OPINION: lambda _who, task: _("“%(task)s”逾期未提意见，视为无意见", task=task),
    NotificationKind.DEEMED_WITHDRAWN: lambda _who, _task: _("逾期未补正，视为撤回申请"),
    NotificationKind.CASE_CLOSED: lambda _who, _task: _("办件已办结，请查看文书"),
    NotificationKind.HANDED_OVER: lambda who, what: _("工作交接：%(who)s交您办理%(what)s", who=who, what=what),
    NotificationKind.HANDED_AWAY: lambda who, to: _("工作交接：%(who)s已将您手中的工作交%(to)s办理", who=who, to=to),
    NotificationKind.HANDED_ON: lambda who, to: _("工作交接：%(who)s已将手中的工作交%(to)s办理", who=who, to=to),
    NotificationKind.TAKEN_AWAY: lambda who, task: _("%(who)s将您手中的“%(task)s”改由同事办理", who=who, task=task),
    NotificationKind.NOBODY_TO_DO_IT: lambda _who, task: _("“%(task)s”没有可以办理的人，任务停在原处", task=task),
    NotificationKind.PASSED_BY_RULE: lambda _who, task: _("“%(task)s”按规则通过，没有人作出决定", task=task),
    NotificationKind.OFFERED_HIGHER: lambda _who, task: _("“%(task)s”按规则转您的岗位办理", task=task),
    NotificationKind.SUPPLEMENT_WANTED: lambda _who, _task: _("申请材料需补正，请查看补正告知书"),
    NotificationKind.PAPER_BLOCKED: lambda _who, file: _(
        "“%(file)s”中发现病毒，已拦截并删除，请查杀后重新上传", file=file
    ),
    NotificationKind.RULES_REQUESTED: lambda who, _what: _("%(who)s申请修改无人可办时的规则，待批准", who=who),
    NotificationKind.RULES_APPROVED: lambda who, _what: _("%(who)s已批准修改无人可办时的规则，即时生效", who=who),
    NotificationKind.RULES_REJECTED: lambda who, _what: _("%(who)s驳回了无人可办时的规则的修改申请", who=who),
    NotificationKind.RULES_WITHDRAWN: lambda who, _what: _("%(who)s撤回了无人可办时的规则的修改申请", who=who),
    NotificationKind.LEADS_NOW: lambda _who, what: _("牵头单位变更为您单位：%(what)s", what=what),
}
"""Kind → sentence, from the name of whoever acted and what it is about (`_about`); a test holds it complete."""
