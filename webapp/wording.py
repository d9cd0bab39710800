"""What the domain says with types and codes, as sentences for the reader.

Nothing here decides anything: an error's class and fields come in, a sentence in the reader's language goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from webapp import material_words
from webapp.translation import _, pick
from workflows.clock import OFFICE_ZONE
from workflows.errors import (
    AlreadyUrgedError,
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
from workflows.money import format_yuan


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
    if isinstance(error, SamePersonError):
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
    say = _FIELDS.get(error.code)
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


def _claimed(error: TaskAlreadyClaimedError) -> str:
    return _("%(holder)s已认领此任务，请选择其他任务", holder=error.holder)


_ERRORS: tuple[tuple[type[LianbanError], Callable[..., str]], ...] = (
    (NotFoundError, _not_found),
    (SamePersonError, lambda error: _("您已办理过前一步，这一步须由另一人办理")),
    (LetterNeededError, lambda error: _("%(agency)s不适用催办，请改发函", agency=error.agency_name)),
    (PermissionDeniedError, lambda error: _("您当前的岗位无权办理")),
    (TaskAlreadyClaimedError, _claimed),
    (AlreadyUrgedError, lambda error: _("今天已催办过此任务，请明天再催办")),
    (
        StateConflictError,
        lambda error: material_words.conflict(error) or _("当前状态不能办理，可能已由他人办理"),
    ),
    (ConcurrencyError, lambda error: _("内容已由他人更新，请刷新，核对后再提交")),
    (InvalidInputError, lambda error: _("填写有误，内容没有提交")),
    (DefinitionError, lambda error: _("流程有误，不能使用")),
    (RoutingError, lambda error: _("下一环节没有可以承办的单位，办件停在原处")),
    (EngineError, lambda error: _("流程停在此环节，系统管理员可以重试")),
)

Params = Mapping[str, object]

_FIELDS: dict[str, Callable[[Params], str]] = {
    "required": lambda p: _("请填写此项"),
    "unknown-field": lambda p: _("表单中没有此项，请删去"),
    "not-text": lambda p: _("此项应为文字"),
    "wrong-type": lambda p: _("此项类型不符，请重填"),
    "too-long": lambda p: _("不能超过%(maximum)s个字，请删减", maximum=p.get("maximum", "")),
    "too-short": lambda p: _("不能少于%(minimum)s个字，请补充", minimum=p.get("minimum", "")),
    "too-many": lambda p: _("最多%(maximum)s项，请删减", maximum=p.get("maximum", "")),
    "too-few": lambda p: _("至少%(minimum)s项，请补充", minimum=p.get("minimum", "")),
    "past-date": lambda p: _("不能早于今天"),
    "before-start": lambda p: _("不能早于开始日期"),
    "overlapping": lambda p: _("与已有安排的日期重叠，请核对"),
    "deputises": lambda p: _("此间您受他人委托代行职责，不能再委托他人"),
    "away": lambda p: _("此人届时不在岗，请选择其他人"),
    "same-post": lambda p: _("此人与您同一岗位，无须委托"),
    "oneself": lambda p: _("不能选择本人"),
    "not-in-list": lambda p: _("请从所列选项中选择"),
    "not-allowed": lambda p: _("选此决定时不填此项"),
    "must-accept": lambda p: _("须同意后才能提交"),
    "must-equal": lambda p: _("须与前面所填一致，请核对"),
    "future-date": lambda p: _("不能晚于今天"),
    "characters": lambda p: _("含有不能识别的字符，请重新输入"),
    "too-deep": lambda p: _("内容层次太多"),
    "phone": lambda p: _("电话应为数字，可含区号，例如0359-2660000"),
    "account": lambda p: _("账号应为8至32位数字或字母，请核对"),
    "document-number": lambda p: _("文号格式如 晋金办〔2019〕15号"),
    "date": lambda p: _("日期应为年-月-日，例如2019-02-13"),
    "number": lambda p: _("请填写数字"),
    "number-range": lambda p: _(
        "应在%(minimum)s至%(maximum)s之间", minimum=p.get("minimum", ""), maximum=p.get("maximum", "")
    ),
    "amount": lambda p: _("金额应为数字，例如750,000.00"),
    "whole-fen": lambda p: _("金额最多两位小数"),
    "fen-range": lambda p: _(
        "金额应在%(minimum)s元至%(maximum)s元之间", minimum=_fen(p.get("minimum")), maximum=_fen(p.get("maximum"))
    ),
    "uscc-length": lambda p: _("统一社会信用代码应为18位，请核对后重填"),
    "uscc-characters": lambda p: _("统一社会信用代码只用数字和大写字母，不用I、O、S、V、Z"),
    "uscc-check-digit": lambda p: _("统一社会信用代码与校验位不符，请核对后重填"),
    "pattern": lambda p: _("格式不符，请按说明填写"),
    "duplicate": lambda p: _("与前面一项重复，请核对"),
    "notice-syntax": lambda p: _("第%(line)s行不合格式，请对照示例核对", line=p.get("line", "")),
    "notice-loaded": lambda p: _("此文号的通知已经载入，不能重复载入"),
    "notice-changes-nothing": lambda p: _("与现行日历相同，没有要载入的内容"),
    "year-not-published": lambda p: _("%(year)s年的放假安排尚未载入，请先载入全年安排", year=p.get("year", "")),
    "year-without-days": lambda p: _("没有写明该年的放假日期，请补上"),
    "date-order": lambda p: (
        _("结束日期应不早于开始日期，且不超过%(maximum)s天", maximum=p["maximum"])
        if "maximum" in p
        else _("不能早于开始日期")
    ),
    "day-twice": lambda p: _("%(day)s写了两次，请只留一处", day=p.get("day", "")),
    "decision": lambda p: _("请选择决定"),
    "opinion-required": lambda p: _("请写明意见"),
    "answer-required": lambda p: _(
        "%(agency)s不同意，请先答复", agency=pick(str(p.get("zh", "")), str(p.get("en", "")))
    ),
    "signed-already": lambda p: _("已经会签，不能在此更正，请退回会签环节"),
    "reason-required": lambda p: _("请写明理由"),
    "not-own-account": lambda p: _("户名须为企业本身，请核对"),
    "not-recognised": lambda p: _("省级尚未认定金额，不能支付"),
    "file-missing": lambda p: _("请选择文件"),
    "range": lambda p: _("超出范围，请核对"),
    "cursor": lambda p: _("页码已失效，请从第一页看起"),
    "file-type": lambda p: _("文件内容与类型不符，请上传PDF、JPG、PNG或Office文件"),
    "file-size": lambda p: _("文件不能超过%(maximum)s MB", maximum=p.get("maximum", "")),
    "file-kind": lambda p: _("此项只收%(kinds)s文件，请换一种格式", kinds=p.get("kinds", "")),
    "file-infected": lambda p: _(
        "文件中发现病毒（%(signature)s），没有收下，请查杀后重传", signature=p.get("signature", "")
    ),
    "files-full": lambda p: _("此项最多%(maximum)s份，请选择要更换的一份", maximum=p.get("maximum", "")),
    "scanner-away": lambda p: _("查毒服务暂时不能用，请稍后再上传"),
    "quota-case": lambda p: _("本办件的材料合计不能超过%(maximum)s MB", maximum=p.get("maximum", "")),
    "quota-day": lambda p: _("每天上传合计不能超过%(maximum)s MB，请明天再传", maximum=p.get("maximum", "")),
    "paper-missing": lambda p: _("此项必交，还没有上传"),
    "still-sent-back": lambda p: _("此项已退补，请先上传新的文件"),
    "confirm-missing": lambda p: _("尚缺材料，请核对，确认后再受理"),
    "file-empty": lambda p: _("文件是空的，请重新选择"),
    "password-too-short": lambda p: _("密码不能少于%(minimum)s个字符", minimum=p.get("minimum", "")),
    "password-too-simple": lambda p: _("密码至少用%(different)s个不同的字符", different=p.get("different", "")),
    "password-contains-username": lambda p: _("密码中不能含有账号，请另设"),
    "password-contains-agency": lambda p: _("密码中不能含有单位名称或代码，请另设"),
    "password-common": lambda p: _("此密码过于常见，容易被猜中，请另设"),
    "password-unchanged": lambda p: _("新密码与原密码相同，请另设"),
    "password-used-before": lambda p: _("不能与最近%(history)s次用过的密码相同", history=p.get("history", "")),
    "password-wrong": lambda p: _("原密码不正确，还可以再试%(tries)s次", tries=p.get("tries", "")),
    "wrong-code": lambda p: _("验证码不正确或已经用过，请等下一个验证码"),
    "token-days": lambda p: _("有效期应在今后%(maximum)s天之内", maximum=p.get("maximum", "")),
    "too-many-tokens": lambda p: _("最多同时有%(maximum)s个令牌，请先撤销不用的", maximum=p.get("maximum", "")),
    "not-allowed-there": lambda p: _("申请人岗位只用于机关以外的单位，其他岗位只用于机关"),
    "administrators-apart": lambda p: _("三员不得互相兼任，也不兼任其他岗位"),
    "held-already": lambda p: _("此人在这些日期已任此岗位"),
    "already-requested": lambda p: _("已有相同的申请待批准"),
    "no-such-person": lambda p: _("没有此账号，或已停用"),
    "password-repeat": lambda p: _("两次输入的新密码不一致"),
}


def _fen(value: object) -> str:
    return format_yuan(value) if isinstance(value, int) else ""


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
