"""Passwords are kept as Argon2id, and wrong ones never crash."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from tests.factories.org import PASSWORD, password_hash
from webapp.identity.passwords import (
    MAX_LENGTH,
    PasswordRules,
    hash_password,
    make_password,
    needs_rehash,
    require_password,
    verify_password,
)
from workflows.errors import InvalidInputError


def test_hash_is_argon2id_and_salted() -> None:
    first, second = hash_password("x"), hash_password("x")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert not needs_rehash(first)


def test_hash_made_with_less_work_is_due_for_renewal() -> None:
    assert needs_rehash(password_hash().replace("t=2", "t=1"))


def test_right_password_passes() -> None:
    assert verify_password(password_hash(), PASSWORD)


@pytest.mark.parametrize("wrong", ["", PASSWORD + " ", PASSWORD.upper(), "\x00", "\ud800", "长" * 10_000_000])
def test_wrong_password_does_not(wrong: str) -> None:
    assert not verify_password(password_hash(), wrong)


def test_password_beyond_the_limit_does_not_pass_even_if_it_was_once_set() -> None:
    long = "x" * (MAX_LENGTH + 1)
    assert not verify_password(hash_password(long), long)


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken"])
def test_broken_hash_lets_nobody_in(stored: str) -> None:
    assert not verify_password(stored, "plain")


def test_nobody_costs_as_much_work_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the time of an answer would tell which user names exist."""
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, stored: str, password: str) -> bool:
        checked.append(stored.rpartition("$p=")[0].rsplit("$", 2)[0])
        return verify(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    assert not verify_password(password_hash(), "wrong")
    assert not verify_password(None, "wrong")
    assert len(checked) == 2
    assert checked[0] == checked[1]


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password-too-short"),
        ("a" * 300, "too-long"),
        ("ababababab", "password-too-simple"),
        ("my-JR.Handler-1", "password-contains-username"),
    ],
)
def test_password_that_breaks_a_rule_is_refused(password: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        require_password(password, username="jr.handler", field="new_password", rules=PasswordRules())
    assert [(error.field, error.code) for error in caught.value.errors] == [("new_password", code)]


def test_made_password_keeps_the_rules() -> None:
    made = make_password()
    assert require_password(made, username="jr.handler", field="p", rules=PasswordRules()) == made
    assert made != make_password()
