"""Tables of identity: live logins, failed attempts at one, passwords of old, known devices, second factors."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from workflows.agencies.models import stored_as_value
from workflows.persistence import Base, BigKey, UtcDateTime


class SessionKind(StrEnum):
    """How a login is carried: by the browser's cookie, or as a bearer token."""

    WEB = "web"
    API = "api"


class LoginLimit(StrEnum):
    """What still stands between a login and everything else; until then it opens that one page and no other."""

    CODE = "code"
    """The second factor has not been shown yet."""
    PASSWORD = "password"  # noqa: S105  # the name of a step
    """The password has expired, or somebody else set it: a new one has to be chosen."""
    ENROL = "enrol"
    """The post asks for a second factor, and there is none yet."""


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
    address: Mapped[str] = mapped_column(String(45), default="", server_default="")
    """From where it was last used."""
    waits_for: Mapped[LoginLimit | None] = mapped_column(stored_as_value(LoginLimit, length=8))
    """Set while the login may do nothing but what is named."""
    by_provider: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Began by single sign-on."""
    name: Mapped[str | None] = mapped_column(String(60))
    """Of a personal token, as its owner called it; None for everything else."""
    scopes: Mapped[str | None] = mapped_column(String(200))
    """What a personal token is good for, separated by blanks; None for everything the post may do."""


class LoginAttempt(Base):
    """Failures against one name within the current window, whether or not anybody has that name."""

    __tablename__ = "login_attempt"

    username_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the folded name: people type passwords into this field."""
    failures: Mapped[int] = mapped_column(SmallInteger)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class KnownDevice(Base):
    """A browser from which somebody has signed in: failures elsewhere do not lock them out there.

    One browser used by several people has one key and a row for each.
    """

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("key_hash", "person_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what the browser's cookie holds; new with each login."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class FormerPassword(Base):
    """A password somebody had before, as its hash, so that it is not chosen again."""

    __tablename__ = "former_password"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SecondFactor(Base):
    """What a person's authenticator counts with."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(200))
    """Encrypted with a key made from the application's secret."""
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Not asked for at sign-in before a first code has been shown."""
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The time step of the last code taken: no code counts twice, nor one before it."""


class RecoveryCode(Base):
    """Opens the second step once, when the authenticator is lost."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
