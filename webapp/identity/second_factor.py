"""The second factor: six figures from an authenticator (RFC 6238), and codes for when it is lost.

Each code opens once: a figure seen over somebody's shoulder, or sent twice at once, is refused.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.identity.models import RecoveryCode, SecondFactor
from workflows import audit
from workflows.clock import Clock
from workflows.errors import NotFoundError, StateConflictError
from workflows.events import EventType
from workflows.permissions import Actor

ISSUER = "Lianban"
STEP_S = 30
DRIFT_STEPS = 1
"""A clock may be so many steps fast or slow."""
RECOVERY_CODES = 10
_CODE_BYTES = 10
_CODE_PART = 4


class SecretBox:
    """Encrypts what authenticators count with: a copy of the database alone opens no second step.

    Args:
        key: the application's secret key; with another one, only recovery codes open.
    """

    def __init__(self, key: str) -> None:
        derived = HKDF(SHA256(), 32, salt=None, info=b"lianban second factor").derive(key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def lock(self, secret: str) -> str:
        """Return `secret`, encrypted."""
        return self._fernet.encrypt(secret.encode()).decode()

    def find(self, locked: str) -> str | None:
        """Return the secret, or None if it was locked with another key."""
        try:
            return self._fernet.decrypt(locked.encode()).decode()
        except InvalidToken:
            return None


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator is to be told.

    Args:
        secret: in base 32, for typing.
        uri: the same as an address, for a picture to be scanned.
    """

    secret: str
    uri: str


@dataclass(frozen=True)
class Standing:
    """A second factor in use.

    Args:
        since: when it was set up.
        codes_left: how many recovery codes are unused.
    """

    since: datetime
    codes_left: int


def find_standing(session: Session, person_id: int) -> Standing | None:
    """Return the person's second factor, or None if there is none in use."""
    unused = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    row = session.execute(
        select(SecondFactor.confirmed_at, unused.scalar_subquery()).where(
            SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None)
        )
    ).one_or_none()
    return None if row is None or row[0] is None else Standing(row[0], row[1])


def begin_enrolment(session: Session, *, actor: Actor, username: str, box: SecretBox, clock: Clock) -> Enrolment:
    """Make a new secret for the actor; it counts for nothing until a first code has been shown.

    Raises:
        StateConflictError: there is a second factor already.
    """
    factor = session.get(SecondFactor, actor.person_id, with_for_update=True)
    if factor is not None and factor.confirmed_at is not None:
        raise StateConflictError("second factor", actor.person_id, "in use", "enrol")
    secret = pyotp.random_base32()
    if factor is None:
        factor = SecondFactor(person_id=actor.person_id, last_step=0)
        session.add(factor)
    factor.secret, factor.begun_at = box.lock(secret), clock.now()
    session.flush()
    return _enrolment(secret, username)


def find_enrolment(session: Session, person_id: int, *, username: str, box: SecretBox) -> Enrolment | None:
    """Return what was begun and not finished, if anything."""
    factor = session.get(SecondFactor, person_id)
    secret = None if factor is None or factor.confirmed_at is not None else box.find(factor.secret)
    return None if secret is None else _enrolment(secret, username)


def confirm_enrolment(
    session: Session, code: str, *, actor: Actor, box: SecretBox, clock: Clock
) -> tuple[str, ...] | None:
    """Take the first code: from now on the second factor is asked for.

    Returns:
        The recovery codes, which are told this once; None if the code was wrong.

    Raises:
        StateConflictError: nothing was begun, or it is in use already.
    """
    factor = session.get(SecondFactor, actor.person_id, with_for_update=True)
    if factor is None or factor.confirmed_at is not None:
        raise StateConflictError("second factor", actor.person_id, "not begun or in use", "confirm")
    if not _take_figures(session, actor.person_id, _plain(code), box, clock.now()):
        return None
    factor.confirmed_at = clock.now()
    codes = _make_codes(session, actor.person_id)
    audit.append(session, actor=actor, event=EventType.SECOND_FACTOR_ENROLLED, clock=clock, payload={})
    return codes


def take_code(session: Session, person_id: int, code: str, *, box: SecretBox | None, now: datetime) -> bool:
    """Use up a code of the authenticator or a recovery code; tell whether it was right and unused.

    The caller counts failures, see `attempts`.

    Args:
        session: a writing transaction.
        person_id: whose.
        code: as typed.
        box: what the secret is locked with; without it only recovery codes open.
        now: the time.
    """
    plain = _plain(code)
    confirmed = select(SecondFactor.person_id).where(
        SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None)
    )
    if session.scalar(confirmed) is None:
        return False
    if box is not None and _take_figures(session, person_id, plain, box, now):
        return True
    taken = (
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person_id,
            RecoveryCode.code_hash == _hash(plain),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return session.execute(taken.returning(RecoveryCode.id)).first() is not None


def renew_codes(session: Session, *, actor: Actor, clock: Clock) -> tuple[str, ...]:
    """Make new recovery codes in place of the old ones, and return them, this once."""
    codes = _make_codes(session, actor.person_id)
    audit.append(session, actor=actor, event=EventType.SECOND_FACTOR_RENEWED, clock=clock, payload={})
    return codes


def remove_second_factor(session: Session, *, actor: Actor, clock: Clock) -> None:
    """Let the actor sign in without a second factor again."""
    if _delete(session, actor.person_id):
        audit.append(session, actor=actor, event=EventType.SECOND_FACTOR_REMOVED, clock=clock, payload={})


def reset_second_factor(session: Session, person_id: int, username: str, *, actor: Actor, clock: Clock) -> None:
    """Take away the second factor of somebody who has lost it.

    Raises:
        NotFoundError: there is none.
    """
    if not _delete(session, person_id):
        raise NotFoundError("second factor", username)
    payload = {"username": username}
    audit.append(session, actor=actor, event=EventType.SECOND_FACTOR_RESET, clock=clock, payload=payload)


def _delete(session: Session, person_id: int) -> bool:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    gone = delete(SecondFactor).where(SecondFactor.person_id == person_id).returning(SecondFactor.person_id)
    return session.execute(gone).first() is not None


def _take_figures(session: Session, person_id: int, plain: str, box: SecretBox, now: datetime) -> bool:
    """Move the last step taken forward, by one statement: of two equal codes at once only one does."""
    locked = session.scalar(select(SecondFactor.secret).where(SecondFactor.person_id == person_id))
    secret = None if locked is None else box.find(locked)
    if secret is None or not plain.isascii():
        return False
    current = int(now.timestamp()) // STEP_S
    counter = pyotp.TOTP(secret, interval=STEP_S)
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if hmac.compare_digest(counter.generate_otp(step), plain):
            forward = (SecondFactor.person_id == person_id, SecondFactor.last_step < step)
            moved = update(SecondFactor).where(*forward).values(last_step=step)
            return session.execute(moved.returning(SecondFactor.person_id)).first() is not None
    return False


def _make_codes(session: Session, person_id: int) -> tuple[str, ...]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    plain = [base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    session.add_all([RecoveryCode(person_id=person_id, code_hash=_hash(code)) for code in plain])
    session.flush()
    return tuple("-".join(code[at : at + _CODE_PART] for at in range(0, len(code), _CODE_PART)) for code in plain)


def _enrolment(secret: str, username: str) -> Enrolment:
    return Enrolment(secret, pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=username, issuer_name=ISSUER))


def _plain(code: str) -> str:
    """Full-width figures, blanks and dashes do not matter."""
    folded = unicodedata.normalize("NFKC", code[:100]).casefold()
    return "".join(character for character in folded if character.isalnum())


def _hash(plain: str) -> str:
    # Eighty random bits: a fast hash will do.
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
