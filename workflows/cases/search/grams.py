"""Text cut into what an index can hold: pairs of neighbouring characters for Chinese, whole words for the rest.

Chinese is not written in words, and any two characters may be one; so every pair is kept, and a word of two characters
is found by one look. Both databases index the same pairs, made here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflows.errors import FieldError, InvalidInputError

MAX_TERMS = 8
"""Words a query may have."""
MAX_QUERY = 200
"""Characters a query may have."""
MAX_QUERY_GRAMS = 48
"""Grams asked for; the rest of a longer query is still compared with the text itself."""
LONGEST_WORD = 32
"""Of a longer run of letters and digits, its beginning."""
MAX_PLAIN = 300_000
"""Characters of a case that are indexed for all who see it, its own facts first."""
MAX_INTERNAL = 100_000
"""Characters of it that are indexed for officers alone."""
MAX_GRAM_BYTES = 900_000
"""PostgreSQL holds no more than a megabyte of them for one row."""
_BYTES_BESIDE = 8
_FIRST_IDEOGRAPH = "\u2e80"
_RUN = re.compile(rf"[{_FIRST_IDEOGRAPH}-\U0010ffff]+|[^{_FIRST_IDEOGRAPH}-\U0010ffff]+")


class _Folding(dict[int, str]):
    """Character → how it is compared: width and case do not matter, and all that is no letter or digit is a blank."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        plain = "".join(c if c.isalnum() else " " for c in folded)
        if code < 0x10000:
            self[code] = plain
        return plain


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return a text as it is compared: one blank between runs of letters and digits, none around them."""
    return " ".join(text.translate(_FOLDING).split())


def fold_char(char: str) -> str:
    """Return one character as it is compared; a blank for what is neither letter nor digit."""
    return _FOLDING[ord(char)]


def grams_of(plain: str, keys: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the distinct grams of a folded text, in order, as many as an index row can hold.

    Args:
        plain: folded; lines are apart from each other.
        keys: folded texts, such as case numbers and credit codes, of which parts of words are found as well.
    """
    found: dict[str, None] = {}
    room = MAX_GRAM_BYTES
    for gram in _all_grams(plain, keys):
        if gram in found:
            continue
        room -= len(gram.encode()) + _BYTES_BESIDE
        if room < 0:
            break
        found[gram] = None
    return tuple(found)


def _all_grams(plain: str, keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        for run in _runs(key):
            if not _is_chinese(run):
                yield from (run[start : start + LONGEST_WORD] for start in range(1, min(len(run), LONGEST_WORD)))
    for run in _runs(plain):
        if _is_chinese(run):
            yield from _pairs(run)
            yield run[-1]  # what no pair begins with; so one character alone is found by the beginning of a gram
        else:
            yield run[:LONGEST_WORD]


def _runs(plain: str) -> Iterator[str]:
    for word in plain.split():
        yield from _RUN.findall(word)


def _is_chinese(run: str) -> bool:
    return run[0] >= _FIRST_IDEOGRAPH


def _pairs(run: str) -> Iterator[str]:
    return (run[start : start + 2] for start in range(len(run) - 1))


@dataclass(frozen=True)
class Gram:
    """A gram asked for; `begins` if it need only begin so."""

    text: str
    begins: bool = False


@dataclass(frozen=True)
class Asked:
    """A query that was understood.

    Args:
        terms: folded; a case has to contain each of them.
        grams: every case with the terms has these.
        compared: the terms that having their grams does not prove; they are compared with the text.
    """

    terms: tuple[str, ...]
    grams: tuple[Gram, ...]
    compared: tuple[str, ...]


def understand(q: str) -> Asked | None:
    """Return what a query asks for; None where no letter or digit is in it, so that nothing can be found.

    Args:
        q: whatever somebody wrote; blanks part what has to be contained.

    Raises:
        InvalidInputError: more words or characters than are looked for (`q`): none is left out in silence.
    """
    if len(q) > MAX_QUERY:
        raise InvalidInputError([FieldError("q", "too-long", {"maximum": MAX_QUERY})])
    terms = tuple(dict.fromkeys(term for part in q.split() if (term := fold(part))))
    if len(terms) > MAX_TERMS:
        raise InvalidInputError([FieldError("q", "too-many-words", {"maximum": MAX_TERMS})])
    if not terms:
        return None
    grams: dict[Gram, None] = {}
    owned = {term: tuple(_asked_grams(term)) for term in terms}
    # Those that one gram proves come first, so that no other way of finding them is needed.
    for own in sorted(owned.values(), key=len):
        exact = [gram for gram in own if not gram.begins]
        grams.update(dict.fromkeys(exact or own))  # what only begins so is many, and the text is compared anyway
    compared = (term for term, own in owned.items() if len(own) > 1 or len(own[0].text) == LONGEST_WORD)
    return Asked(terms, tuple(grams)[:MAX_QUERY_GRAMS], tuple(compared))


def _asked_grams(term: str) -> Iterator[Gram]:
    runs = list(_runs(term))
    for number, run in enumerate(runs, 1):
        if not _is_chinese(run):
            yield Gram(run[:LONGEST_WORD], begins=number == len(runs) or len(run) > LONGEST_WORD)
        elif len(run) == 1:
            yield Gram(run, begins=number == len(runs))
        else:
            yield from (Gram(pair) for pair in _pairs(run))
