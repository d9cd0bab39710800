"""Which names an expression can see where, and how names with blanks are recognised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from workflows.decisions.errors import ExpressionError
from workflows.decisions.tokens import Token, tokenize
from workflows.decisions.values import Function

KEYWORDS = frozenset(
    ["if", "then", "else", "for",
     "in", "return", "some", "every", "satisfies", "or", "and", "between", "instance", "of",
     "function", "external", "true", "false", "null"]
)  # fmt: skip
_PROPERTIES = ("time offset", "start included", "end included")


def join(tokens: Sequence[Token]) -> str:
    """The name that consecutive tokens spell, white space as single blanks."""
    return "".join((" " if token.spaced and index else "") + token.text for index, token in enumerate(tokens))


_Table = dict[str, list[tuple[tuple[str, ...], str]]]


def _enter(table: _Table, name: str) -> None:
    try:
        parts = tuple(token.text for token in tokenize(name)[:-1])
    except ExpressionError:  # a key such as "§" can be had by get value() only
        return
    if parts:
        spellings = table.setdefault(parts[0], [])
        spellings.append((parts, name))
        spellings.sort(key=lambda spelling: -len(spelling[0]))


def _table(names: Iterable[str]) -> _Table:
    table: _Table = {}
    for name in names:
        _enter(table, name)
    return table


@lru_cache(maxsize=64)
def _given_table(names: frozenset[str]) -> _Table:
    # The expressions of one diagram share their names; never changed after it is made.
    return _table(names)


def _longest(table: _Table, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
    for parts, name in table.get(tokens[index].text, ()):
        stop = index + len(parts)
        if stop < len(tokens) and all(
            t.text == part and t.kind != "string" for t, part in zip(tokens[index:stop], parts, strict=True)
        ):
            return name, len(parts)
    return None


@dataclass(frozen=True)
class Library:
    """The built-in functions, and how their names are spelt in tokens."""

    functions: Mapping[str, Function]
    spellings: _Table

    @classmethod
    def of(cls, functions: Mapping[str, Function]) -> Library:
        return cls(functions, _table(functions))


class Scope:
    """The names at one place of an expression.

    Args:
        names: those given from outside; None means any name may exist.
        library: the functions everybody sees.
    """

    def __init__(self, names: Collection[str] | None, library: Library) -> None:
        self.names = None if names is None else frozenset(names)
        self._given = _given_table(self.names or frozenset())
        self._builtins = library.spellings
        self._members = _table(_PROPERTIES)
        self._locals: list[tuple[set[str], _Table, bool]] = []

    @property
    def open(self) -> bool:
        """Inside a filter any name may be a member of the item."""
        return any(open_ for _, _, open_ in self._locals)

    def push(self, names: Iterable[str], *, open_: bool = False) -> None:
        known = set(names)
        self._locals.append((known, _table(known), open_))

    def pop(self) -> None:
        self._locals.pop()

    def declare(self, name: str) -> None:
        """Add a name to the innermost level; it may from now on also follow a dot."""
        known, table, _ = self._locals[-1]
        if name not in known:
            known.add(name)
            _enter(table, name)
        _enter(self._members, name)

    def is_local(self, name: str) -> bool:
        return any(name in known for known, _, _ in self._locals)

    def is_given(self, name: str) -> bool:
        return self.names is not None and name in self.names

    def match(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """The longest known name starting here and how many tokens it takes."""
        found = [_longest(table, tokens, index) for _, table, _ in reversed(self._locals)]
        found.append(_longest(self._given, tokens, index))
        builtin = _longest(self._builtins, tokens, index)
        if builtin is not None and (
            builtin[1] == 1 or tokens[index + builtin[1]].text == "(" or "and" not in builtin[0].split()
        ):
            found.append(builtin)
        best: tuple[str, int] | None = None
        for candidate in found:
            if candidate is not None and (best is None or candidate[1] > best[1]):
                best = candidate
        return best

    def match_member(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """The longest name known to stand after a dot."""
        return _longest(self._members, tokens, index)
