"""What is said of a rule that acted when nobody could be offered a step: why, what followed, where it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp import wording
from webapp.translation import _, pick
from workflows.cases.assignment.rules import Cause, Rule, RuleActed
from workflows.cases.assignment.tables import ChangeStatus

_Say = Callable[[str, str], str]

SENTENCES: Mapping[tuple[Cause, Rule], _Say] = {
    (Cause.NOBODY, Rule.REFUSE): lambda _who, _post: _(
        "此岗位无人在任，任务停在原处；请系统管理员办理任职后重试，办件其余部分继续"
    ),
    (Cause.NOBODY, Rule.PASS): lambda _who, _post: _("此岗位无人在任，按规则通过，没有人作出决定"),
    (Cause.NOBODY, Rule.SUPERIOR): lambda _who, post: _("此岗位无人在任，按规则转%(post)s办理", post=post),
    (Cause.SAME_PERSON, Rule.REFUSE): lambda who, _post: _(
        "%(who)s已办理须由另一人办理的环节，本岗位再无他人，任务停在原处；请系统管理员办理任职后重试，办件其余部分继续",
        who=who,
    ),
    (Cause.SAME_PERSON, Rule.PASS): lambda who, _post: _("%(who)s已办理前面的环节，按规则通过，不重复办理", who=who),
    (Cause.SAME_PERSON, Rule.SUPERIOR): lambda who, post: _(
        "%(who)s已办理须由另一人办理的环节，按规则转%(post)s办理", who=who, post=post
    ),
    (Cause.APPLICANT, Rule.REFUSE): lambda who, _post: _(
        "%(who)s是申请人或代为申请，本岗位再无他人，任务停在原处；请系统管理员办理任职后重试，办件其余部分继续", who=who
    ),
    (Cause.APPLICANT, Rule.PASS): lambda who, _post: _(
        "%(who)s是申请人或代为申请，按规则通过，没有人作出决定", who=who
    ),
    (Cause.APPLICANT, Rule.SUPERIOR): lambda who, post: _(
        "%(who)s是申请人或代为申请，按规则转%(post)s办理", who=who, post=post
    ),
}
"""(cause, rule) → sentence, from the names of those concerned and of the post it went to; a test holds it complete."""

CAUSES: Mapping[Cause, Callable[[], str]] = {
    Cause.NOBODY: lambda: _("岗位无人在任"),
    Cause.SAME_PERSON: lambda: _("在任的人都办理过须由另一人办理的环节"),
    Cause.APPLICANT: lambda: _("在任的人都是申请人或代为申请"),
}
RULES: Mapping[Rule, Callable[[], str]] = {
    Rule.REFUSE: lambda: _("任何人不能办理，停在原处"),
    Rule.PASS: lambda: _("按规则通过，留记录；付款、核定的环节停在原处"),
    Rule.SUPERIOR: lambda: _("转上级岗位，没有的停在原处"),
}

CHANGE_STATUS: Mapping[ChangeStatus, Callable[[], str]] = {
    ChangeStatus.REQUESTED: lambda: _("待批准"),
    ChangeStatus.APPROVED: lambda: _("已批准"),
    ChangeStatus.REJECTED: lambda: _("已驳回"),
    ChangeStatus.WITHDRAWN: lambda: _("已撤回"),
}
"""Where a change of the deployment's rules stands."""


def rule_sentence(acted: RuleActed) -> str:
    """Return why nobody could be offered a step, and what followed; without a full stop."""
    who = _("、").join(pick(each.zh, each.en) for each in acted.persons)
    post = wording.post_kind(acted.offered_to) if acted.offered_to else ""
    return SENTENCES[acted.cause, acted.rule](who, post)


def rule_basis(acted: RuleActed) -> str:
    """Return where the rule is written, and in which version."""
    if acted.source == "step":
        return _("依据：流程第%(version)s版，本环节的规则", version=acted.version)
    if acted.source == "process":
        return _("依据：流程第%(version)s版，全流程的规则", version=acted.version)
    if acted.version:
        return _("依据：本系统规则第%(version)s版", version=acted.version)
    return _("依据：系统自带的规则")
