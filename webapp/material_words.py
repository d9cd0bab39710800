"""Words for papers: how a line of the checklist stands, what became of a file, why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable

from webapp.translation import _
from workflows.errors import StateConflictError


def state(code: str) -> str:
    """Return the word for how a line of the checklist stands."""
    return _STATES[code]() if code in _STATES else code


def light(code: str) -> str:
    """Return the colour that goes with the state of a line."""
    return _LIGHTS.get(code, "grey")


def status(code: str) -> str:
    """Return the word for what became of a file."""
    return _STATUSES[code]() if code in _STATUSES else code


def conflict(error: StateConflictError) -> str | None:
    """Return why a paper cannot be read or changed now, or None where it is not about papers."""
    say = _CONFLICTS.get((error.kind, error.state))
    return say() if say else None


_STATES: dict[str, Callable[[], str]] = {
    "missing": lambda: _("未交"),
    "held": lambda: _("待查毒"),
    "supplied": lambda: _("已交"),
    "sent_back": lambda: _("退补"),
    "accepted": lambda: _("已收"),
}
_LIGHTS = {"missing": "none", "supplied": "blue", "sent_back": "amber", "accepted": "green"}

_STATUSES: dict[str, Callable[[], str]] = {
    "current": lambda: _("现用"),
    "replaced": lambda: _("旧版"),
    "held": lambda: _("待查毒"),
    "blocked": lambda: _("有病毒，已拦截"),
}

_CONFLICTS: dict[tuple[str, str], Callable[[], str]] = {
    ("document", "held"): lambda: _("文件正在等待查毒，查毒后才能打开"),
    ("document", "blocked"): lambda: _("文件中发现病毒，已拦截，任何人不能打开"),
    ("material", "accepted"): lambda: _("此项材料已收，受理后要改，须等一次性告知补正"),
    ("draft", "too-many"): lambda: _("未提交的申请太多，请先提交或者删去几件"),
    ("draft", "submitted"): lambda: _("此申请已经提交，不能再改"),
}
