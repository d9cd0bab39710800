"""Passwords that are guessed first are known for what they are, however they are dressed up."""

from __future__ import annotations

import pytest

from webapp.identity.common_passwords import is_common
from webapp.identity.passwords import make_password


@pytest.mark.parametrize(
    "password",
    [
        "Password2019!",
        "P@ssw0rd123",
        "admin@123456",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "abcd1234abcd1234",
        "1234567890",
        "0987654321",
        "yuncheng2019",
        "Lianban#2019",
        "运城市人民政府2019",
        "woaini1314520",
        "abcabcabcabc",
        "letmein-letmein",
        "welcome test 1",
    ],
)
def test_common_ones_are_told(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Quarterly-figures-7", "山高月小水落石出", "tG7-mWq2-xK9p"]
)
def test_others_pass(password: str) -> None:
    assert not is_common(password)


def test_a_password_made_here_passes() -> None:
    assert not is_common(make_password())
