"""The texts of uploaded papers, read from the database when they are asked for, and only as far as there is room."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cases.search.pieces import Piece, Written
from workflows.cases.search.tables import ContentText

MAX_FAMILY = 1_000_000
"""Characters of papers taken for one family of cases, a paper once for each case and audience it is found with."""
AT_ONCE = 16
"""Texts in memory for one look at the database; each is up to half a megabyte."""


class Texts:
    """The texts of one family's pieces.

    Args:
        session: read only.
        written: all that is written in the family.
    """

    def __init__(self, session: Session, written: Iterable[Written]) -> None:
        self._session = session
        self._addresses = list(dict.fromkeys(p.content for one in written for p in one.pieces if p.content))
        self._read: dict[str, str] = {}
        self._room = MAX_FAMILY

    def of(self, piece: Piece, room: int) -> str:
        """Return the text of a piece, up to `room` characters; of papers nothing once the family's room is used."""
        if piece.content is None:
            return piece.text[:room]
        if self._room <= 0:
            return ""
        if piece.content not in self._read:
            self._read_from(piece.content)
        text = self._read[piece.content][: min(room, self._room)]
        self._room -= len(text)
        return text

    def _read_from(self, address: str) -> None:
        at = self._addresses.index(address)
        asked = self._addresses[at : at + AT_ONCE]
        rows = self._session.execute(select(ContentText.sha256, ContentText.text).where(ContentText.sha256.in_(asked)))
        self._read |= dict.fromkeys(asked, "")
        self._read |= {row.sha256: row.text.decode() for row in rows if row.text}
