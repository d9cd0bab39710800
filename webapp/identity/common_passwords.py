"""Passwords that are guessed first: well-known words, keyboard runs and the like, however they are dressed up."""

from __future__ import annotations

from pathlib import Path

_WORDS = frozenset(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").split())
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
)
"""Ways a finger runs over a keyboard, or an alphabet along."""
_DRESSED = str.maketrans("0134@5$7!", "oieaassti")
_AROUND = "0123456789 !@#$%^&*()-_=+[]{};:',.<>/?|~`"
"""What is put before and after a word to please a rule."""
_RUN_LENGTH = 4


def is_common(password: str) -> bool:
    """Tell whether the password is one of those that are tried first: a common word with figures and signs about it,
    the same bit over and over, or nothing but runs over the keyboard.
    """
    plain = password.casefold()
    return _is_a_word(plain) or _repeats(plain) or _is_runs(plain)


def _is_a_word(plain: str) -> bool:
    bare = "".join(character for character in plain if character.isalpha())
    core = plain.strip(_AROUND).translate(_DRESSED)
    undressed = "".join(character for character in core if character.isalpha())
    first_word = "".join(character if character.isalpha() else " " for character in plain).split()
    return bool({bare, undressed} & _WORDS) or (bool(first_word) and set(first_word) <= _WORDS)


def _repeats(plain: str) -> bool:
    return any(plain == (plain[:length] * len(plain))[: len(plain)] for length in range(1, min(6, len(plain) // 2) + 1))


def _is_runs(plain: str) -> bool:
    """Tell whether hardly anything is left once runs of four and more, forwards or backwards, are taken out."""
    at = left = 0
    while at < len(plain):
        length = _run_at(plain, at)
        left += 0 if length >= _RUN_LENGTH else 1
        at += length if length >= _RUN_LENGTH else 1
    return left < _RUN_LENGTH


def _run_at(plain: str, at: int) -> int:
    longest = 1
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        length = longest + 1
        while at + length <= len(plain) and plain[at : at + length] in run:
            longest, length = length, length + 1
    return longest
