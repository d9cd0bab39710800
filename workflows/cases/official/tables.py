"""Tables of official documents: the registers their numbers come from, and the papers made of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.persistence import Base, BigKey, JsonText, UtcDateTime


class DocumentRegister(Base):
    """The last number given in an agency's register of a year."""

    __tablename__ = "document_register"

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class MadePaper(Base):
    """A document as it was made, once and for all: later changes of templates do not reach it.

    Its key is the hash of what it states; the files lie in the storage adapter under their own hashes.
    """

    __tablename__ = "made_paper"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    content_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[Any] = mapped_column(JsonText)
    """Its paragraphs, as `[{"role": …, "text": …}]`: the print view."""
    docx_sha256: Mapped[str] = mapped_column(String(64), index=True)
    docx_size: Mapped[int] = mapped_column(BigKey)
    pdf_sha256: Mapped[str] = mapped_column(String(64), index=True)
    pdf_size: Mapped[int] = mapped_column(BigKey)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
