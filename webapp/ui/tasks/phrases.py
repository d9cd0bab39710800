"""常用语 for an opinion: the office's own for each decision, and the reader's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.orm import Session

from webapp.translation import _
from webapp.ui.tasks.models import PhraseChoice
from workflows.cases.desk import list_phrases
from workflows.cases.views import DecisionOption
from workflows.permissions import Actor, PostKind

_STANDARD: Mapping[str, Callable[[], str]] = {
    "accept": lambda: _("材料齐全，符合规定形式"),
    "supplement": lambda: _("材料不齐全，请一次补齐"),
    "not_accept": lambda: _("不属于本事项受理范围"),
    "agree": lambda: _("情况属实，同意"),
    "agree_with_conditions": lambda: _("同意，请一并落实以下事项："),
    "object": lambda: _("不同意，理由如下："),
    "file": lambda: _("经核实符合条件，拟同意申报"),
    "recognised": lambda: _("符合条件，予以认定"),
    "refused": lambda: _("不符合条件，理由如下："),
    "propose": lambda: _("收款账户和金额已核对"),
    "confirmed": lambda: _("银行回单已核对"),
    "unknown": lambda: _("已向银行查询，等待答复"),
    "returned": lambda: _("银行退回，账户信息待核实"),
}
"""By decision, whatever the process; a decision not named here has none."""


def phrases_for(session: Session, decisions: Iterable[DecisionOption], *, actor: Actor) -> tuple[PhraseChoice, ...]:
    """Return the phrases for these decisions; applicants write their own words."""
    if actor.post_kind is PostKind.APPLICANT:
        return ()
    offered = [decision.id for decision in decisions]
    standard = [PhraseChoice(_STANDARD[code](), (code,)) for code in offered if code in _STANDARD]
    own = [
        PhraseChoice(phrase.text, (phrase.decision,) if phrase.decision else ())
        for phrase in list_phrases(session, actor=actor)
        if not phrase.decision or phrase.decision in offered
    ]
    return (*standard, *own)
