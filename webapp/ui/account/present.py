"""Logins as rows of a page, and refusals in words."""

from __future__ import annotations

from webapp.identity.models import SessionKind
from webapp.identity.own_logins import LoginView
from webapp.identity.sign_in import SignInRefused
from webapp.translation import _, ngettext
from webapp.ui.account.browsers import browser_name
from webapp.ui.account.models import Device
from webapp.ui.problems import Problem


def device(row: LoginView) -> Device:
    """Return a login as the page shows it."""
    return Device(
        id=row.id,
        name=browser_name(row.user_agent),
        api=row.kind is SessionKind.API,
        address=row.address,
        begun_at=row.begun_at,
        last_seen_at=row.last_seen_at,
        current=row.current,
    )


def minutes_locked(refused: SignInRefused) -> str:
    """Return for how long nothing more is compared."""
    minutes = max(1, round(refused.retry_after.total_seconds() / 60))
    return ngettext("账号已锁定，请%(num)s分钟后再试", "账号已锁定，请%(num)s分钟后再试", minutes)


def code_refusal(refused: SignInRefused) -> Problem:
    """Return why a code was not taken."""
    if refused.tries_left == 0:
        text = minutes_locked(refused)
    else:
        text = _("验证码不正确或已经用过，还可以再试%(tries)s次", tries=refused.tries_left)
    return Problem("code", _("验证码"), text, "code")
