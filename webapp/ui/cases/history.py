"""The history of a case in sentences: who, when, what, and why where somebody said why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp import wording
from webapp.rule_words import rule_basis, rule_sentence
from webapp.translation import _
from webapp.ui.cases.models import EventLine
from webapp.ui.formats import full_yuan, named, office_day
from webapp.ui.forms import Answer, Options, answers
from webapp.ui.language import pick
from webapp.ui.opinions import figure_change
from workflows.cases.assignment.rules import rule_acted
from workflows.cases.views import EventRow
from workflows.engine import ProcessModel
from workflows.engine.model import Decision
from workflows.events import EventType
from workflows.processes import Checklist

NO_CHECKLIST = Checklist()


@dataclass(frozen=True)
class Names:
    """What ids in events are called.

    Args:
        form: form key → its schema.
        options: members of agency groups.
    """

    model: ProcessModel
    decisions: Mapping[tuple[str, str], Decision]
    form: Callable[[str | None], Mapping[str, Any] | None]
    options: Options
    checklist: Checklist = NO_CHECKLIST

    def node(self, node_id: object) -> str:
        """The name of a step; its id where the diagram does not know it."""
        node = self.model.nodes.get(str(node_id))
        return pick(node.name or node.id, node.name_en) if node else str(node_id or "")

    def material(self, item_id: object) -> str:
        """The name of a line of the checklist."""
        item = self.checklist.find(str(item_id))
        return pick(item.name, item.name_en) if item else str(item_id or "")

    def decision(self, node_id: object, decision_id: object) -> str:
        """The label of a decision."""
        found = self.decisions.get((str(node_id), str(decision_id)))
        return pick(found.label, found.label_en) if found else str(decision_id or "")


@dataclass(frozen=True)
class _Style:
    icon: str
    tone: str = ""
    pause: bool = False


def event_line(event: EventRow, names: Names) -> EventLine:
    """Return one event in words."""
    style = _STYLES.get(event.event, _Style("info"))
    say = SENTENCES.get(event.event)
    return EventLine(
        at=event.at,
        who=_who(event),
        sentence=say(event, names) if say else event.event,
        note=_note(event, names),
        icon=style.icon,
        tone=style.tone,
        node_id=event.node_id,
        pause=style.pause,
    )


def _who(event: EventRow) -> str:
    if event.agency is None:
        return _("系统")
    agency = named(event.agency)
    who = f"{agency} · {pick(event.person, event.person_en)}" if event.person else agency
    if event.principal is None:
        return who
    return _("%(who)s（代%(principal)s）", who=who, principal=named(event.principal))


def _note(event: EventRow, names: Names) -> str | None:
    texts = [str(event.payload[key]) for key in ("opinion", "reason", "note") if event.payload.get(key)]
    return "\n".join([*texts, *_rule(event), *filled_in(event, names)]) or None


def _rule(event: EventRow) -> list[str]:
    """Which rule acted and where it is written, where one did."""
    if event.event in (EventType.TASK_PASSED_BY_RULE, EventType.TASK_OFFERED_HIGHER):
        acted = rule_acted(event.payload)
    else:
        facts = event.payload.get("rule")
        acted = rule_acted(facts if isinstance(facts, Mapping) else None)
    return [rule_sentence(acted), rule_basis(acted)] if acted else []


def filled_in(event: EventRow, names: Names) -> list[str]:
    """What was filled in with a decision, such as the amount recognised and its document number."""
    data, node = event.payload.get("data"), names.model.nodes.get(str(event.payload.get("node")))
    schema = names.form(node.attributes.get("form")) if node else None
    if schema is None or not isinstance(data, Mapping):
        return []
    return [line for answer in answers(schema, data, options=names.options) for line in _lines(answer)]


def _lines(answer: Answer) -> list[str]:
    if not answer.rows:
        return [_("%(label)s：%(text)s", label=answer.label, text=answer.text)]
    return [_("；").join(cell.text for cell in row if cell.text != "—") for row in answer.rows]


def _step(event: EventRow, names: Names) -> str:
    return names.node(event.payload.get("node") or event.node_id)


def _completed(event: EventRow, names: Names) -> str:
    decision = names.decision(event.payload.get("node"), event.payload.get("decision"))
    return _("办理“%(step)s”：%(decision)s", step=_step(event, names), decision=decision)


def _returned(event: EventRow, names: Names) -> str:
    target = names.node(event.payload.get("to"))
    return _("从“%(step)s”退回“%(target)s”", step=_step(event, names), target=target)


def _closed(event: EventRow, _names: Names) -> str:
    return _(
        "%(case)s办结：%(outcome)s", case=event.case_no, outcome=wording.outcome(str(event.payload.get("outcome", "")))
    )


def _opened(event: EventRow, _names: Names) -> str:
    if event.payload.get("parent"):
        return _(
            "立子办件%(case)s：%(applicant)s", case=event.case_no, applicant=str(event.payload.get("applicant", ""))
        )
    return _("提交申请，办件编号%(case)s", case=event.case_no)


def _issued(event: EventRow, _names: Names) -> str:
    title, no = wording.notice_kind(str(event.payload.get("notice"))), event.payload.get("no")
    return _("印发%(title)s，文号%(no)s", title=title, no=no) if no else _("印发%(title)s", title=title)


def _corrected(event: EventRow, names: Names) -> str:
    figures = event.payload.get("figures", {})
    schema = names.form(names.model.attributes.get("applyForm")) or {}
    labels = [figure_change(schema, name, *values, options=names.options) for name, values in figures.items()]
    return _("更正%(figures)s", figures=_("、").join(labels)) if labels else _("更正申报信息")


def _passed_on(event: EventRow, names: Names) -> str:
    old, new = (pick(zh, en) for _code, zh, en in (event.payload["from"], event.payload["to"]))
    if event.payload.get("how") == "merged":
        return _("%(old)s的“%(step)s”并入%(new)s，由%(new)s一并办理", old=old, new=new, step=_step(event, names))
    return _("%(old)s的“%(step)s”转%(new)s办理，期限不变", old=old, new=new, step=_step(event, names))


def _stopped(event: EventRow, names: Names) -> str:
    if event.payload.get("rule"):
        return _("“%(step)s”没有可以办理的人", step=_step(event, names))
    return _("流程停在“%(step)s”，内容未变", step=_step(event, names))


def _asked_again(event: EventRow, names: Names) -> str:
    _code, zh, en = event.payload["of"]
    return _("请%(agency)s对“%(step)s”重新提出意见", agency=pick(zh, en), step=_step(event, names))


def _voided(event: EventRow, names: Names) -> str:
    _code, zh, en = event.payload["of"]
    return _(
        "%(agency)s在“%(step)s”的签署作废：%(why)s",
        agency=pick(zh, en),
        step=_step(event, names),
        why=wording.void_reason(str(event.payload.get("void_reason"))),
    )


def _answered(event: EventRow, names: Names) -> str:
    _code, zh, en = event.payload["to"]
    return _("答复%(agency)s在“%(step)s”的意见", agency=pick(zh, en), step=_step(event, names))


def _moved(event: EventRow, names: Names) -> str:
    due = _instant(event.payload.get("due_now"))
    if event.payload.get("why") == "calendar":
        return _(
            "依工作日历第%(version)s版重算“%(step)s”期限：%(due)s",
            version=event.payload.get("calendar_now", ""),
            step=_step_or_case(event, names),
            due=office_day(due),
        )
    return _("“%(step)s”期限顺延至%(due)s", step=_step_or_case(event, names), due=office_day(due))


def _overdue(event: EventRow, names: Names) -> str:
    due = office_day(_instant(event.payload.get("due")))
    return _("“%(step)s”逾期，期限%(due)s", step=_step_or_case(event, names), due=due)


def _step_or_case(event: EventRow, names: Names) -> str:
    return _step(event, names) or _("整个办件")


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _paper_added(event: EventRow, names: Names) -> str:
    item, name, version = (event.payload.get(key) for key in ("item", "name", "version"))
    if item is None:
        return _("上传材料：%(name)s", name=str(name or ""))
    if isinstance(version, int) and version > 1:
        return _("上传材料：%(name)s，第%(version)s版", name=names.material(item), version=version)
    return _("上传材料：%(name)s", name=names.material(item))


def _paper_blocked(event: EventRow, names: Names) -> str:
    item, name = event.payload.get("item"), event.payload.get("name")
    paper = names.material(item) if item else str(name or _("材料"))
    signature = str(event.payload.get("signature", ""))
    return _("“%(name)s”中发现病毒（%(signature)s），已拦截", name=paper, signature=signature)


def _payment(text: Callable[[], str]) -> Callable[[EventRow, Names], str]:
    def say(event: EventRow, _names: Names) -> str:
        fen = event.payload.get("amount_fen")
        return f"{text()} {full_yuan(fen)}" if isinstance(fen, int) else text()

    return say


def _to(with_receiver: Callable[[str, str], str], without: Callable[[str], str]) -> Callable[[EventRow, Names], str]:
    """A sentence that names the receiver, where it is known."""

    def say(event: EventRow, names: Names) -> str:
        step = _step(event, names)
        return with_receiver(step, named(event.receiver)) if event.receiver else without(step)

    return say


def _receiver(event: EventRow) -> str:
    return named(event.receiver) if event.receiver else str(event.payload.get("to") or event.payload.get("agency"))


def _with_step(text: Callable[[str], str]) -> Callable[[EventRow, Names], str]:
    return lambda event, names: text(_step(event, names))


SENTENCES: dict[str, Callable[[EventRow, Names], str]] = {
    EventType.CASE_OPENED: _opened,
    EventType.CASE_ACCEPTED: lambda _e, _n: _("受理，出具受理通知书"),
    EventType.CASE_SUSPENDED: lambda _e, _n: _("中止，暂停计时"),
    EventType.CASE_RESUMED: lambda _e, _n: _("恢复办理，期限顺延所停天数"),
    EventType.CASE_WITHDRAWN: lambda _e, _n: _("撤回申请"),
    EventType.CASE_DEEMED_WITHDRAWN: lambda _e, _n: _("逾期未补正，视为撤回申请，办件终止"),
    EventType.CASE_OVERDUE: _overdue,
    EventType.CASE_CLOSED: _closed,
    EventType.CASE_ARCHIVED: lambda _e, _n: _("归档，内容冻结"),
    EventType.CASE_CORRECTED: _corrected,
    EventType.TASK_CREATED: _with_step(lambda step: _("“%(step)s”到单位收件箱", step=step)),
    EventType.TASK_RECEIVED: _with_step(lambda step: _("签收“%(step)s”，时限起算", step=step)),
    EventType.TASK_CLAIMED: _with_step(lambda step: _("认领“%(step)s”", step=step)),
    EventType.TASK_RELEASED: _with_step(lambda step: _("取消认领“%(step)s”", step=step)),
    EventType.TASK_ASSIGNED: _to(
        lambda step, to: _("指派%(to)s办理“%(step)s”", step=step, to=to), lambda step: _("指派“%(step)s”", step=step)
    ),
    EventType.TASK_TRANSFERRED: _to(
        lambda step, to: _("将“%(step)s”转%(to)s办理", step=step, to=to), lambda step: _("转办“%(step)s”", step=step)
    ),
    EventType.TASK_DELEGATED: _to(
        lambda step, to: _("委派%(to)s代办“%(step)s”", step=step, to=to), lambda step: _("委派“%(step)s”", step=step)
    ),
    EventType.TASK_HANDED_OVER: _to(
        lambda step, to: _("工作交接：“%(step)s”交%(to)s办理", step=step, to=to),
        lambda step: _("工作交接：“%(step)s”交回委派人", step=step),
    ),
    EventType.CASE_HANDED_OVER: lambda e, _n: _("工作交接：发起人改为%(to)s", to=_receiver(e)),
    EventType.TASK_URGED: _to(
        lambda step, to: _("催办%(to)s“%(step)s”", step=step, to=to), lambda step: _("催办“%(step)s”", step=step)
    ),
    EventType.CASE_COPIED: lambda e, _n: _("抄送%(to)s", to=_receiver(e)),
    EventType.COPY_ACKNOWLEDGED: lambda _e, _n: _("阅知"),
    EventType.COPY_WITHDRAWN: lambda e, _n: _("收回对%(to)s的抄送", to=_receiver(e)),
    EventType.TASK_HANDED_BACK: _with_step(lambda step: _("交回“%(step)s”", step=step)),
    EventType.TASK_TAKEN_BACK: _with_step(lambda step: _("收回委派的“%(step)s”", step=step)),
    EventType.TASK_COMPLETED: _completed,
    EventType.TASK_RETURNED: _returned,
    EventType.TASK_RECALLED: _with_step(lambda step: _("取回“%(step)s”", step=step)),
    EventType.TASK_CANCELLED: _with_step(lambda step: _("取消“%(step)s”", step=step)),
    EventType.OBJECTION_ANSWERED: _answered,
    EventType.TASK_OVERDUE: _overdue,
    EventType.TASK_DEEMED_NO_OPINION: _with_step(lambda step: _("“%(step)s”期满未回，视为无意见，继续办理", step=step)),
    EventType.TASK_PASSED_BY_RULE: _with_step(lambda step: _("“%(step)s”按规则通过", step=step)),
    EventType.TASK_OFFERED_HIGHER: _with_step(lambda step: _("“%(step)s”按规则转上级岗位", step=step)),
    EventType.DEADLINE_MOVED: _moved,
    EventType.OPINION_ASKED_AGAIN: _asked_again,
    EventType.TASK_PASSED_ON: _passed_on,
    EventType.SIGNATURE_VOIDED: _voided,
    EventType.SIGNER_ADDED: _to(
        lambda step, to: _("“%(step)s”加签%(to)s", step=step, to=to), lambda step: _("“%(step)s”加签", step=step)
    ),
    EventType.SIGNER_REMOVED: _with_step(lambda step: _("“%(step)s”减签", step=step)),
    EventType.DOCUMENT_ADDED: _paper_added,
    EventType.INTERNAL_DOCUMENT_ADDED: _paper_added,
    EventType.DOCUMENT_BLOCKED: _paper_blocked,
    EventType.INTERNAL_DOCUMENT_BLOCKED: _paper_blocked,
    EventType.MATERIAL_SENT_BACK: lambda e, n: _("退补材料：%(name)s", name=n.material(e.payload.get("item"))),
    EventType.MATERIAL_SEND_BACK_UNDONE: lambda e, n: _("撤销退补：%(name)s", name=n.material(e.payload.get("item"))),
    EventType.NOTICE_ISSUED: _issued,
    EventType.NOTICE_VOIDED: lambda e, _n: _("作废%(no)s", no=str(e.payload.get("no") or "")),
    EventType.MESSAGE_RECEIVED: lambda _e, _n: _("收到外部系统答复"),
    EventType.INCIDENT_OPENED: _stopped,
    EventType.INCIDENT_RESOLVED: lambda _e, _n: _("故障已排除，继续办理"),
    EventType.PAYMENT_PROPOSED: _payment(lambda: _("提出支付")),
    EventType.PAYMENT_REVIEWED: _payment(lambda: _("复核支付")),
    EventType.PAYMENT_APPROVED: _payment(lambda: _("签发支付")),
    EventType.PAYMENT_INSTRUCTED: _payment(lambda: _("发出支付指令")),
    EventType.PAYMENT_CONFIRMED: _payment(lambda: _("确认到账")),
    EventType.PAYMENT_UNKNOWN: _payment(lambda: _("付款结果未知，查明前不能重付")),
    EventType.PAYMENT_RETURNED: _payment(lambda: _("银行退回款项")),
    EventType.PAYMENT_VOIDED: _payment(lambda: _("支付单作废")),
    EventType.PAYMENT_AMENDED: _payment(lambda: _("更正支付单，原签署作废")),
    EventType.PAYMENT_SIGNATURES_VOIDED: _payment(lambda: _("支付单签署作废，须重新签署")),
}
"""One sentence per fact a case can have; a test holds it complete."""

_STYLES: dict[str, _Style] = {
    EventType.CASE_OPENED: _Style("ul"),
    EventType.CASE_ACCEPTED: _Style("stamp", "d-green"),
    EventType.CASE_SUSPENDED: _Style("pause", "d-grey", pause=True),
    EventType.CASE_RESUMED: _Style("play", "d-blue"),
    EventType.CASE_WITHDRAWN: _Style("undo", "d-grey"),
    EventType.CASE_DEEMED_WITHDRAWN: _Style("undo", "d-grey"),
    EventType.CASE_OVERDUE: _Style("l-red", "d-red"),
    EventType.CASE_CLOSED: _Style("flag", "d-green"),
    EventType.CASE_ARCHIVED: _Style("lock"),
    EventType.TASK_RECEIVED: _Style("inbox", "d-blue"),
    EventType.TASK_CLAIMED: _Style("hand", "d-blue"),
    EventType.TASK_RELEASED: _Style("undo"),
    EventType.TASK_COMPLETED: _Style("check", "d-green"),
    EventType.TASK_HANDED_OVER: _Style("swap", "d-blue"),
    EventType.CASE_HANDED_OVER: _Style("swap"),
    EventType.TASK_URGED: _Style("bell", "d-red"),
    EventType.CASE_COPIED: _Style("users"),
    EventType.COPY_ACKNOWLEDGED: _Style("check"),
    EventType.COPY_WITHDRAWN: _Style("undo"),
    EventType.TASK_DELEGATED: _Style("user", "d-blue"),
    EventType.TASK_HANDED_BACK: _Style("check", "d-blue"),
    EventType.TASK_TAKEN_BACK: _Style("undo"),
    EventType.TASK_RETURNED: _Style("left", "d-red"),
    EventType.TASK_RECALLED: _Style("left"),
    EventType.TASK_CANCELLED: _Style("x", "d-grey"),
    EventType.OBJECTION_ANSWERED: _Style("chat"),
    EventType.TASK_OVERDUE: _Style("l-red", "d-red"),
    EventType.TASK_DEEMED_NO_OPINION: _Style("warn", "d-red"),
    EventType.TASK_PASSED_BY_RULE: _Style("check", "d-grey"),
    EventType.TASK_OFFERED_HIGHER: _Style("users", "d-blue"),
    EventType.DEADLINE_MOVED: _Style("play", "d-blue"),
    EventType.TASK_PASSED_ON: _Style("users", "d-blue"),
    EventType.OPINION_ASKED_AGAIN: _Style("left", "d-red"),
    EventType.SIGNATURE_VOIDED: _Style("x", "d-red"),
    EventType.CASE_CORRECTED: _Style("pen", "d-red"),
    EventType.SIGNER_ADDED: _Style("users"),
    EventType.SIGNER_REMOVED: _Style("users"),
    EventType.DOCUMENT_ADDED: _Style("doc"),
    EventType.NOTICE_ISSUED: _Style("stamp"),
    EventType.NOTICE_VOIDED: _Style("x", "d-grey"),
    EventType.INTERNAL_DOCUMENT_ADDED: _Style("doc"),
    EventType.DOCUMENT_BLOCKED: _Style("shield", "d-red"),
    EventType.INTERNAL_DOCUMENT_BLOCKED: _Style("shield", "d-red"),
    EventType.MATERIAL_SENT_BACK: _Style("left", "d-red"),
    EventType.MATERIAL_SEND_BACK_UNDONE: _Style("undo"),
    EventType.MESSAGE_RECEIVED: _Style("chat"),
    EventType.INCIDENT_OPENED: _Style("l-red", "d-red"),
    EventType.INCIDENT_RESOLVED: _Style("retry", "d-green"),
    EventType.PAYMENT_PROPOSED: _Style("coins"),
    EventType.PAYMENT_REVIEWED: _Style("coins"),
    EventType.PAYMENT_APPROVED: _Style("coins", "d-blue"),
    EventType.PAYMENT_INSTRUCTED: _Style("coins", "d-blue"),
    EventType.PAYMENT_CONFIRMED: _Style("coins", "d-green"),
    EventType.PAYMENT_UNKNOWN: _Style("warn", "d-red"),
    EventType.PAYMENT_RETURNED: _Style("warn", "d-red"),
    EventType.PAYMENT_VOIDED: _Style("x", "d-grey"),
    EventType.PAYMENT_AMENDED: _Style("pen", "d-red"),
    EventType.PAYMENT_SIGNATURES_VOIDED: _Style("x", "d-red"),
}
