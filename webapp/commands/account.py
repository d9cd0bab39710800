"""Adding accounts from the command line: how the first people of a system in service get in."""

from __future__ import annotations

from config import Config
from webapp.commands.within import application
from webapp.identity.passwords import hash_password, make_password
from webapp.transaction import writing
from workflows.agencies.accounts import NewAccount, add_account
from workflows.clock import SystemClock
from workflows.errors import InvalidInputError
from workflows.permissions import PostKind

_REASONS = {
    ("username", "pattern"): "账号应为3至64个小写字母、数字、点、横线 · "
    "The user name takes 3 to 64 lower-case letters, digits, dots and dashes",
    ("username", "duplicate"): "账号已存在 · The user name is taken",
    ("agency", "not-in-list"): "没有此单位 · There is no such agency",
    ("post", "not-in-list"): "没有此岗位 · There is no such post",
    (
        "post",
        "not-allowed-there",
    ): "申请人岗位只用于机关以外的单位 · Outside parties have applicants, only they do",
}


class AccountError(Exception):
    """The account cannot be added; nothing was changed."""


def add(config: Config, username: str, *, agency_code: str, post: str, name_zh: str, name_en: str) -> str:
    """Add an account and return the password made for it.

    Raises:
        AccountError: saying in both languages what is wrong.
    """
    password = make_password()
    try:
        if post not in {kind.value for kind in PostKind}:
            raise AccountError(_REASONS["post", "not-in-list"])
        account = NewAccount(username, agency_code, PostKind(post), name_zh, name_en, hash_password(password))
        with application(config), writing() as session:
            add_account(session, account, clock=SystemClock())
    except InvalidInputError as error:
        said = [_REASONS.get((one.field, one.code), f"{one.field}: {one.code}") for one in error.errors]
        raise AccountError("; ".join(said)) from error
    return password
