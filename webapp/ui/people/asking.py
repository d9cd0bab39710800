"""Reading the forms of 人员与岗位."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask import request

from webapp.translation import _
from webapp.ui.people.models import Entered
from webapp.ui.problems import problems
from workflows.agencies.request_grant import Term
from workflows.errors import FieldError, InvalidInputError
from workflows.permissions import PostKind

KINDS = tuple(PostKind)
_LABELS = {
    "username": lambda: _("账号"),
    "name_zh": lambda: _("姓名"),
    "name_en": lambda: _("英文名"),
    "agency": lambda: _("单位"),
    "post": lambda: _("岗位"),
    "from_on": lambda: _("开始日期"),
    "to_on": lambda: _("结束日期"),
    "reason": lambda: _("理由"),
    "q": lambda: _("搜索"),
}
_LONGEST = 600


def asked(name: str) -> str:
    """Return a parameter of the address; what nothing can be called counts as nothing."""
    text = request.args.get(name, "")
    return text if text.isprintable() and len(text) <= _LONGEST else ""


def asked_key(name: str) -> int | None:
    """Return a parameter of the address that is a key, None if it is none."""
    text = asked(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def typed(name: str) -> str:
    """Return what was typed into a field, cut to what can be shown again."""
    return request.form.get(name, "")[:_LONGEST].strip()


def kind_of_post() -> PostKind:
    """Return the kind of post chosen.

    Raises:
        InvalidInputError: none, or none there is (`post`).
    """
    chosen = typed("post")
    if chosen not in {kind.value for kind in KINDS}:
        raise InvalidInputError([FieldError("post", "not-in-list")])
    return PostKind(chosen)


def term() -> Term:
    """Return the days typed in.

    Raises:
        InvalidInputError: they are no dates (`from_on`, `to_on`).
    """
    found: dict[str, date | None] = {}
    errors = []
    for name in ("from_on", "to_on"):
        text = typed(name)
        try:
            found[name] = date.fromisoformat(text) if text else None
        except ValueError:
            errors.append(FieldError(name, "date"))
    if errors:
        raise InvalidInputError(errors)
    return Term(found["from_on"], found["to_on"])


def entered(names: Iterable[str], errors: Iterable[FieldError] = ()) -> Entered:
    """Return what was typed and what is wrong with it."""
    found = problems(
        errors, label_of=lambda field: _LABELS[field]() if field in _LABELS else "", anchor_of=lambda field: field
    )
    return Entered({name: typed(name) for name in names}, found)
