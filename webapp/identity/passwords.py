"""Passwords: hashed with Argon2id, checked with the same work whether or not the person exists."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from webapp.identity.common_passwords import is_common
from workflows.errors import FieldError, InvalidInputError

MAX_LENGTH = 256
"""Longer ones are refused rather than hashed."""

SHORTEST_TELLING_NAME = 3
"""Shorter names are in many passwords by chance."""

# 19 MiB and two passes, the floor that OWASP names; two at a time, so that a rush of logins neither fills the memory of
# a web process nor takes all its processors.
_AT_ONCE = BoundedSemaphore(2)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


@dataclass(frozen=True)
class PasswordRules:
    """What a new password must be like.

    Args:
        minimum: least number of characters.
        different: least number of different characters.
        history: it is none of so many that the person had before; 0 looks at the present one only.
        max_age: it has to be changed after so long; None is never.
    """

    minimum: int = 10
    different: int = 5
    history: int = 5
    max_age: timedelta | None = None


def hash_password(password: str) -> str:
    """Return the Argon2id hash of `password`, with salt and parameters inside."""
    with _AT_ONCE:
        return _HASHER.hash(_octets(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether `password` belongs to the hash `stored`.

    Args:
        stored: a hash, or None when there is no such person: the work done is the same, the answer is no.
        password: as typed.
    """
    usable = len(password) <= MAX_LENGTH
    compared = stored or _hash_of_nobody()
    try:
        with _AT_ONCE:
            _HASHER.verify(compared, _octets(password if usable else ""))
    except (VerificationError, InvalidHashError):
        return False
    return usable and stored is not None


def needs_rehash(stored: str) -> bool:
    """Tell whether `stored` was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


def require_password(
    password: str, *, username: str, field: str, rules: PasswordRules, agencies: Iterable[str] = ()
) -> str:
    """Return a new password that keeps the rules.

    Args:
        password: as typed.
        username: of its owner.
        field: name of the field, for the error.
        rules: what it must be like.
        agencies: codes and names of the owner's agencies, which whoever knows them would try.

    Raises:
        InvalidInputError: `password-too-short` (with `minimum`), `too-long` (with `maximum`), `password-too-simple`
            (with `different`), `password-contains-username`, `password-contains-agency` or `password-common`.
    """
    if len(password) < rules.minimum:
        raise InvalidInputError([FieldError(field, "password-too-short", {"minimum": rules.minimum})])
    if len(password) > MAX_LENGTH:
        raise InvalidInputError([FieldError(field, "too-long", {"maximum": MAX_LENGTH})])
    if len(set(password)) < rules.different:
        raise InvalidInputError([FieldError(field, "password-too-simple", {"different": rules.different})])
    if len(username) >= SHORTEST_TELLING_NAME and username.casefold() in password.casefold():
        raise InvalidInputError([FieldError(field, "password-contains-username")])
    if any(_tells(name) and name.casefold() in password.casefold() for name in agencies):
        raise InvalidInputError([FieldError(field, "password-contains-agency")])
    if is_common(password):
        raise InvalidInputError([FieldError(field, "password-common")])
    return password


def make_password() -> str:
    """Return a new random password that can be typed."""
    return secrets.token_urlsafe(12)


def _tells(name: str) -> bool:
    """Two Chinese characters are as telling as three letters."""
    return len(name) >= (SHORTEST_TELLING_NAME if name.isascii() else 2)


@cache
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(32))


def _octets(password: str) -> bytes:
    # JSON can carry half a surrogate pair, which plain UTF-8 cannot: such a password is wrong, not a crash.
    return password.encode("utf-8", "surrogatepass")
