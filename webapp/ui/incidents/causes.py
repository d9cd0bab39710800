"""What an incident means to the administrator who has to mend it; the engine's words are for support."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from webapp import wording
from webapp.translation import _

_NOBODY = re.compile(r"[^:]+: no (?P<role>\w+): (?P<detail>.*)", re.DOTALL)
_NOT_AMONG = re.compile(r"(?P<code>\S+) is not among .*", re.DOTALL)
_NO_WAY = re.compile(r"[^:]+: no condition holds and there is no default flow")


@dataclass(frozen=True)
class Cause:
    """Why a case stands still and what helps, in words.

    Args:
        said: what the engine said; None where the sentence says all of it.
    """

    sentence: str
    advice: str
    said: str | None = None


def explain(cause: str, names: Mapping[str, str]) -> Cause:
    """Return what a cause means.

    Args:
        cause: as the incident keeps it.
        names: code → short name of the agencies.
    """
    nobody = _NOBODY.fullmatch(cause)
    if nobody is not None:
        return Cause(_nobody(wording.task_role(nobody["role"]), nobody["detail"], names), _advice_on_agencies())
    if _NO_WAY.fullmatch(cause):
        return Cause(_("分支的条件都不成立，没有可走的下一步"), _("请核对流程图的分支条件和办件填写的内容"), cause)
    return Cause(_("流程不能继续，原因见引擎提示"), _("重试仍不行，请把编号和引擎提示告诉技术支持"), cause)


def _nobody(role: str, detail: str, names: Mapping[str, str]) -> str:
    outsider = _NOT_AMONG.fullmatch(detail)
    if outsider is not None:
        agency = names.get(outsider["code"], outsider["code"])
        return _("%(agency)s不在此措施的%(role)s单位之列，不能承办此环节", agency=agency, role=role)
    several = [names.get(code, code) for code in detail.split(", ")]
    if len(several) > 1:
        agencies = _("、").join(several)
        return _("%(role)s单位应只有一个，现有%(agencies)s", role=role, agencies=agencies)
    return _("此环节没有%(role)s单位", role=role)


def _advice_on_agencies() -> str:
    return _("请在“23项措施”核对责任分工，在“单位”核对是否已撤并，改好后重试")
