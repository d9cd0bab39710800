"""What the domain says with types and codes, as sentences for the reader.

Nothing here decides anything: an error's class and fields come in, a sentence in the reader's language goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from webapp import material_words
from webapp.field_words import FIELDS
from webapp.translation import _
from workflows.clock import OFFICE_ZONE
from workflows.errors import (
    AlreadyUrgedError,
    ApplicantDecidesError,
    ConcurrencyError,
    DefinitionError,
    EngineError,
    FieldError,
    InvalidInputError,
    LetterNeededError,
    LianbanError,
    NotFoundError,
    PermissionDeniedError,
    RoutingError,
    SamePersonError,
    StateConflictError,
    TaskAlreadyClaimedError,
)


def error_sentence(error: LianbanError) -> str:
    """Return what happened, in one sentence without a full stop."""
    for kind, say in _ERRORS:
        if isinstance(error, kind):
            return say(error)
    return _("没有办成，内容未变")


def error_advice(error: LianbanError) -> str:
    """Return what to do next."""
    if isinstance(error, NotFoundError):
        return _("请核对编号，或从导航选择其他页面")
    if isinstance(error, TaskAlreadyClaimedError):
        return _("请选择其他任务")
    if isinstance(error, (ApplicantDecidesError, SamePersonError)):
        return _("请由本单位其他人员办理")
    if isinstance(error, LetterNeededError):
        return _("对不相隶属的单位，以函联系")
    if isinstance(error, PermissionDeniedError):
        return _("请切换岗位，或由有权的岗位办理")
    if isinstance(error, (StateConflictError, ConcurrencyError)):
        return _("请刷新，核对后再提交")
    if isinstance(error, InvalidInputError):
        return _("请返回上一页，核对后再提交")
    return _("请稍后再试；仍不行，请联系系统管理员")


def field_sentence(error: FieldError) -> str:
    """Return what is wrong with one field and how to mend it."""
    say = FIELDS.get(error.code)
    return say(error.params) if say else _("此项填写有误，请核对后重填")


def claimed_by(holder: str, at: datetime | None) -> str:
    """Return who was faster, and when: 经办人乙 10:18已认领."""
    if at is None:
        return _("%(holder)s已认领", holder=holder)
    return _("%(holder)s %(time)s已认领", holder=holder, time=f"{at.astimezone(OFFICE_ZONE):%H:%M}")


def case_status(status: str) -> str:
    """Return the word of a case's status."""
    return _CASE_STATUS[status]() if status in _CASE_STATUS else status


def task_status(status: str) -> str:
    """Return the word of a task's status."""
    return _TASK_STATUS[status]() if status in _TASK_STATUS else status


def light(colour: str) -> str:
    """Return the word of a light: `red`, `amber`, `green`, `grey`, `blue`, `none`."""
    return _LIGHTS[colour]() if colour in _LIGHTS else colour


def post_kind(kind: str) -> str:
    """Return the name of a post."""
    return _POSTS[kind]() if kind in _POSTS else kind


def task_role(role: str) -> str:
    """Return the word of the agency's part in a task, such as `lead`, `joint_lead`, `support`, `cc`."""
    return _ROLES[role]() if role in _ROLES else role


def outcome(code: str) -> str:
    """Return the words of a case's outcome."""
    return _OUTCOMES[code]() if code in _OUTCOMES else code


def search_field(field: str) -> str:
    """Return what a text that was found by its words is."""
    return _SEARCH_FIELDS[field]() if field in _SEARCH_FIELDS else field


def payment_status(status: str) -> str:
    """Return the word of a payment order's status."""
    return _PAYMENT_STATUS[status]() if status in _PAYMENT_STATUS else status


def line_class(letter: str) -> str:
    """Return what a class letter of a responsibility line stands for."""
    return _LINE_CLASSES[letter]() if letter in _LINE_CLASSES else letter


def notice_kind(kind: str) -> str:
    """Return the title of an official document."""
    return _NOTICES[kind]() if kind in _NOTICES else kind


def grant_kind(kind: str) -> str:
    """Return what a request for a grant asks for."""
    return _GRANT_KINDS[kind]()


def grant_status(status: str) -> str:
    """Return where a request for a grant stands."""
    return _GRANT_STATUS[status]()


def scope(name: str) -> str:
    """Return what a personal token of a scope is good for."""
    return _SCOPES[name]()


def void_reason(reason: str) -> str:
    """Return why a signature or an opinion counts no more."""
    return _VOID_REASONS[reason]() if reason in _VOID_REASONS else _VOID_REASONS["returned"]()


def queue(name: str) -> str:
    """Return the name of a work queue."""
    return _QUEUES[name]()


def _not_found(error: NotFoundError) -> str:
    if error.kind == "case":
        return _("未找到此办件，请核对办件编号")
    if error.kind == "task":
        return _("未找到此任务，可能已由他人办理")
    return _("未找到，请核对编号")


def _nobody(error: StateConflictError) -> str | None:
    return _("仍没有可以办理的人，请先办理任职") if error.kind == "rule" else None


def _claimed(error: TaskAlreadyClaimedError) -> str:
    return _("%(holder)s已认领此任务，请选择其他任务", holder=error.holder)


def _denied(error: PermissionDeniedError) -> str:
    if error.reason == "on-behalf":
        return _("正在代他人办理，此事须由任职人本人办理")
    return _("当前岗位无权办理")


_ERRORS: tuple[tuple[type[LianbanError], Callable[..., str]], ...] = (
    (NotFoundError, _not_found),
    (SamePersonError, lambda error: _("本人已办理过前一环节，此环节须由另一人办理")),
    (ApplicantDecidesError, lambda error: _("这是本人提出或代为提出的申请，须由另一人办理")),
    (LetterNeededError, lambda error: _("%(agency)s不适用催办，请改发函", agency=error.agency_name)),
    (PermissionDeniedError, _denied),
    (TaskAlreadyClaimedError, _claimed),
    (AlreadyUrgedError, lambda error: _("今天已催办过此任务，请明天再催办")),
    (
        StateConflictError,
        lambda error: material_words.conflict(error) or _nobody(error) or _("当前状态不能办理，可能已由他人办理"),
    ),
    (ConcurrencyError, lambda error: _("内容已由他人更新，请刷新，核对后再提交")),
    (InvalidInputError, lambda error: _("填写有误，内容没有提交")),
    (DefinitionError, lambda error: _("流程有误，不能使用")),
    (RoutingError, lambda error: _("下一环节没有可以承办的单位，办件停在原处")),
    (EngineError, lambda error: _("流程停在此环节，系统管理员可以重试")),
)


_CASE_STATUS: dict[str, Callable[[], str]] = {
    "draft": lambda: _("草稿"),
    "submitted": lambda: _("待受理"),
    "accepted": lambda: _("已受理"),
    "opened": lambda: _("已立项"),
    "waiting_for_supplement": lambda: _("待补正"),
    "in_progress": lambda: _("办理中"),
    "suspended": lambda: _("中止"),
    "terminated": lambda: _("终止"),
    "closed": lambda: _("办结"),
    "signed_off": lambda: _("销号"),
    "archived": lambda: _("归档"),
    "not_accepted": lambda: _("不予受理"),
    "withdrawn": lambda: _("已撤回申请"),
    "deemed_withdrawn": lambda: _("视为撤回"),
}

_TASK_STATUS: dict[str, Callable[[], str]] = {
    "created": lambda: _("待签收"),
    "ready": lambda: _("待认领"),
    "reserved": lambda: _("已认领"),
    "in_progress": lambda: _("办理中"),
    "suspended": lambda: _("挂起"),
    "completed": lambda: _("已办"),
    "copied": lambda: _("未阅"),
    "acknowledged": lambda: _("已阅知"),
    "exited": lambda: _("已取消"),
}

_LIGHTS: dict[str, Callable[[], str]] = {
    "red": lambda: _("逾期"),
    "amber": lambda: _("临期"),
    "green": lambda: _("正常"),
    "grey": lambda: _("暂停计时"),
    "blue": lambda: _("办理中"),
    "none": lambda: _("未到"),
}

_POSTS: dict[str, Callable[[], str]] = {
    "clerk": lambda: _("收文员"),
    "handler": lambda: _("经办人"),
    "reviewer": lambda: _("科室负责人"),
    "leader": lambda: _("分管领导"),
    "supervisor": lambda: _("督查员"),
    "applicant": lambda: _("申请人"),
    "system_admin": lambda: _("系统管理员"),
    "security_admin": lambda: _("安全管理员"),
    "audit_admin": lambda: _("审计管理员"),
    "integration": lambda: _("外部系统"),
}

_ROLES: dict[str, Callable[[], str]] = {
    "lead": lambda: _("主办"),
    "joint_lead": lambda: _("联合主办"),
    "support": lambda: _("协办"),
    "applicant": lambda: _("申请人"),
    "participant": lambda: _("承办"),
    "cc": lambda: _("阅知"),
}

_OUTCOMES: dict[str, Callable[[], str]] = {
    "disbursed": lambda: _("已拨付"),
    "provincial_refused": lambda: _("省级不予认定"),
    "partly_recognised": lambda: _("部分认定"),
    "not_accepted": lambda: _("不予受理"),
    "withdrawn": lambda: _("已撤回申请"),
    "deemed_withdrawn": lambda: _("视为撤回"),
    "ineligible": lambda: _("不符合条件"),
    "refused": lambda: _("不予批准"),
}

_PAYMENT_STATUS: dict[str, Callable[[], str]] = {
    "proposed": lambda: _("已提出"),
    "reviewed": lambda: _("已复核"),
    "approved": lambda: _("已批准"),
    "instructed": lambda: _("已发支付指令"),
    "confirmed": lambda: _("已支付"),
    "unknown": lambda: _("结果未知"),
    "returned": lambda: _("银行退回"),
    "voided": lambda: _("已作废"),
}

_QUEUES: dict[str, Callable[[], str]] = {
    "inbox": lambda: _("单位收件箱"),
    "available": lambda: _("待认领"),
    "mine": lambda: _("待办"),
    "delegated": lambda: _("已委派"),
    "team": lambda: _("经办人在办"),
    "done": lambda: _("已办"),
    "started": lambda: _("我发起"),
    "cc": lambda: _("抄送我"),
}

_VOID_REASONS: dict[str, Callable[[], str]] = {
    "returned": lambda: _("已退回，作废"),
    "figures-changed": lambda: _("金额已更正，须重新签署"),
    "signing-repeated": lambda: _("协调后重新会签"),
    "asked-again": lambda: _("已请该单位重新提出意见"),
}

_LINE_CLASSES: dict[str, Callable[[], str]] = {
    "A": lambda: _("申报"),
    "B": lambda: _("督办"),
    "C": lambda: _("目标"),
    "D": lambda: _("对接"),
    "E": lambda: _("考核"),
    "F": lambda: _("时限"),
    "G": lambda: _("执法和投诉"),
}

_NOTICES: dict[str, Callable[[], str]] = {
    "acceptance": lambda: _("受理通知书"),
    "supplement": lambda: _("一次性告知补正通知书"),
    "not_accepted": lambda: _("不予受理通知书"),
    "completion": lambda: _("办结通知书"),
    "withdrawn": lambda: _("撤回申请确认书"),
    "deemed_withdrawn": lambda: _("视为撤回申请通知书"),
}
NOTICE_KINDS = tuple(_NOTICES)
"""The kinds of official documents, in the order they are listed."""

_SEARCH_FIELDS: dict[str, Callable[[], str]] = {
    "number": lambda: _("办件编号"),
    "title": lambda: _("事项名称"),
    "applicant": lambda: _("企业"),
    "uscc": lambda: _("统一社会信用代码"),
    "form": lambda: _("申请内容"),
    "notice": lambda: _("公文"),
    "paper": lambda: _("材料名称"),
    "paper_text": lambda: _("材料内容"),
}

_SCOPES: dict[str, Callable[[], str]] = {
    "read": lambda: _("只读：本岗位能查看的内容"),
    "cases": lambda: _("办件：查看、发起、材料、中止、撤回申请"),
    "tasks": lambda: _("任务：查看、签收、认领、办理"),
    "payments": lambda: _("资金：提出、复核、批准、支付"),
    "processes": lambda: _("流程：查看、起草、发布、故障"),
    "people": lambda: _("人员与岗位"),
    "messages": lambda: _("外部系统消息"),
    "all": lambda: _("本岗位的全部权限"),
}

_GRANT_KINDS: dict[str, Callable[[], str]] = {
    "account": lambda: _("新账号"),
    "appointment": lambda: _("任职"),
    "password": lambda: _("重设密码"),
    "restoration": lambda: _("恢复账号"),
}

_GRANT_STATUS: dict[str, Callable[[], str]] = {
    "requested": lambda: _("待批准"),
    "approved": lambda: _("已批准"),
    "refused": lambda: _("不批准"),
    "withdrawn": lambda: _("已撤回"),
}
