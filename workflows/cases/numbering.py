"""Case numbers such as 运债补〔2026〕12号, and those of child cases, 运债补〔2026〕12号之一."""

from __future__ import annotations

from sqlalchemy import bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.cases.models import CaseNumber
from workflows.persistence import table_of

_TABLE = table_of(CaseNumber)
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.prefix == bindparam("register"), _TABLE.c.year == bindparam("of_year"))
    .values(last=_TABLE.c.last + 1)
    .returning(_TABLE.c.last)
)
_DIGITS = "零一二三四五六七八九"


def next_case_no(session: Session, prefix: str, year: int) -> str:
    """Take the next number of a register; a rolled-back transaction gives it back, so there are no gaps.

    Args:
        session: the transaction; holds the register's row until it ends.
        prefix: of the process, such as 运债补.
        year: at the office.
    """
    register = {"register": prefix, "of_year": year}
    number = session.connection().execute(_TAKE, register).scalar_one_or_none()
    if number is None:
        _open_register(session, prefix, year)
        number = session.connection().execute(_TAKE, register).scalar_one()
    return f"{prefix}〔{year}〕{number}号"


def _open_register(session: Session, prefix: str, year: int) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(CaseNumber).values(prefix=prefix, year=year, last=0).on_conflict_do_nothing())


def child_case_no(parent_no: str, index: int) -> str:
    """Return the number of a child case; `index` counts from 0, up to 98."""
    return f"{parent_no}之{_chinese(index + 1)}"


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")
