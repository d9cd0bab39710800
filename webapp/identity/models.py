"""Tables of identity: live logins, and failed attempts at one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.agencies.models import stored_as_value
from workflows.persistence import Base, BigKey, UtcDateTime


class SessionKind(StrEnum):
    """How a login is carried: by the browser's cookie, or as a bearer token."""

    WEB = "web"
    API = "api"


class LoginSession(Base):
    """A login; it ends when it expires or is revoked, whatever the client still holds."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[SessionKind] = mapped_column(stored_as_value(SessionKind, length=8))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 in hexadecimal: a copy of the table lets nobody in."""
    grounds: Mapped[str] = mapped_column(String(64))
    """What the login rests on, hashed: the password and the posts held. When either changes, however that came about,
    the login is dead."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    acting_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_agent: Mapped[str] = mapped_column(String(200), default="")


class LoginAttempt(Base):
    """Failures against one name within the current window, whether or not anybody has that name."""

    __tablename__ = "login_attempt"

    username_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the folded name: people type passwords into this field."""
    failures: Mapped[int] = mapped_column(SmallInteger)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
