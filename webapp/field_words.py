"""What is wrong with a field: each code of the domain as a sentence for the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from webapp.translation import _, pick
from workflows.money import format_yuan

Params = Mapping[str, object]

FIELDS: dict[str, Callable[[Params], str]] = {
    "required": lambda p: _("请填写此项"),
    "unknown-field": lambda p: _("表单中没有此项，请删去"),
    "not-text": lambda p: _("此项应为文字"),
    "wrong-type": lambda p: _("此项类型不符，请重填"),
    "too-long": lambda p: _("不能超过%(maximum)s个字，请删减", maximum=p.get("maximum", "")),
    "too-short": lambda p: _("不能少于%(minimum)s个字，请补充", minimum=p.get("minimum", "")),
    "too-many-words": lambda p: _("一次最多检索%(maximum)s个词，请删减", maximum=p.get("maximum", "")),
    "too-many": lambda p: _("最多%(maximum)s项，请删减", maximum=p.get("maximum", "")),
    "too-few": lambda p: _("至少%(minimum)s项，请补充", minimum=p.get("minimum", "")),
    "past-date": lambda p: _("不能早于今天"),
    "before-start": lambda p: _("不能早于开始日期"),
    "overlapping": lambda p: _("与已有安排的日期重叠，请核对"),
    "deputises": lambda p: _("此间您受他人委托代行职责，不能再委托他人"),
    "away": lambda p: _("此人届时不在岗，请选择其他人"),
    "same-post": lambda p: _("此人与您同一岗位，无须委托"),
    "oneself": lambda p: _("不能选择本人"),
    "holds-it": lambda p: _("此任务已由此人办理，请选择其他同事"),
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
    "changes-nothing": lambda p: _("与现行规则相同，没有要改的内容"),
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
    "file-blocked": lambda p: _("文件中发现病毒，已拦截，请删去后另传"),
    "still-held": lambda p: _("文件正在等待查毒，查完后才算已交，请稍后再提交"),
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
