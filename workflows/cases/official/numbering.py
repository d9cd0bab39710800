"""文号 such as 运金办〔2019〕3号: one register for each agency and year."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.agencies.models import Agency
from workflows.cases.official.tables import DocumentRegister
from workflows.persistence import table_of

_TABLE = table_of(DocumentRegister)
_TAKE = (
    update(_TABLE)
    .where(_TABLE.c.agency_id == bindparam("agency"), _TABLE.c.year == bindparam("of_year"))
    .values(last=_TABLE.c.last + 1)
    .returning(_TABLE.c.last)
)


@dataclass(frozen=True)
class DocumentNumber:
    """A number taken from a register.

    Args:
        no: written out, such as 运金办〔2019〕3号.
    """

    agency_id: int
    year: int
    number: int
    no: str


def next_document_number(session: Session, agency_id: int, year: int) -> DocumentNumber:
    """Take the next number of an agency's register; a rolled-back transaction gives it back, so there are no gaps.

    The agency's prefix (机关代字) is its own; one that has none numbers under its short name.

    Args:
        session: the transaction; holds the register's row until it ends.
        agency_id: who issues.
        year: at the office.
    """
    register = {"agency": agency_id, "of_year": year}
    number = session.connection().execute(_TAKE, register).scalar_one_or_none()
    if number is None:
        _open_register(session, agency_id, year)
        number = session.connection().execute(_TAKE, register).scalar_one()
    row = session.execute(select(Agency.document_prefix, Agency.short_zh).where(Agency.id == agency_id)).one()
    return DocumentNumber(agency_id, year, number, f"{row.document_prefix or row.short_zh}〔{year}〕{number}号")


def _open_register(session: Session, agency_id: int, year: int) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"agency_id": agency_id, "year": year, "last": 0}
    session.execute(insert(DocumentRegister).values(**values).on_conflict_do_nothing())
