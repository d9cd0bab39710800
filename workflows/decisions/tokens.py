"""From text to tokens. Names are cut into parts here; which parts belong together depends on the scope."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from workflows.decisions.budget import MAX_LENGTH
from workflows.decisions.errors import ExpressionError

Kind = Literal["number", "string", "temporal", "name", "operator", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Args:
        text: as written; for strings the value without quotes and escapes.
        position: 0-based offset of its first character.
        spaced: there is white space or a comment before it.
    """

    kind: Kind
    text: str
    position: int
    spaced: bool


_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)+")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_OPERATOR = re.compile(r"\*\*|\.\.|->|<=|>=|!=|[-+*/(){}\[\],:.<>=]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_FULL_WIDTH = dict(zip("（），：；＝＜＞＋－＊／［］｛｝“”‘’。．", "(),:;=<>+-*/[]{}\"\"''..", strict=True))


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, ending with one of kind `end`.

    Raises:
        ExpressionError: the text is over-long, a string is not closed, or a character has no meaning.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            0, f"表达式过长，最多 {MAX_LENGTH} 个字符。", f"The expression is longer than {MAX_LENGTH} characters."
        )
    tokens: list[Token] = []
    position, end = 0, len(text)
    while True:
        blank = _BLANK.match(text, position)
        if blank:
            position = blank.end()
        if position >= end:
            tokens.append(Token("end", "", end, bool(blank)))
            return tokens
        token, position = _next(text, position, spaced=bool(blank))
        tokens.append(token)


def _next(text: str, start: int, *, spaced: bool) -> tuple[Token, int]:
    character = text[start]
    if match := _NUMBER.match(text, start):
        return Token("number", match.group(), start, spaced), match.end()
    if character == '"':
        return _string(text, start, start, "string", spaced)
    if character == "@" and text.startswith('"', start + 1):
        return _string(text, start + 1, start, "temporal", spaced)
    if match := _OPERATOR.match(text, start):
        return Token("operator", match.group(), start, spaced), match.end()
    if character == "?":
        return Token("name", "?", start, spaced), start + 1
    if starts_name(character):
        stop = start + 1
        while stop < len(text) and continues_name(text[stop]):
            stop += 1
        return Token("name", text[start:stop], start, spaced), stop
    raise _stranger(character, start)


def starts_name(character: str) -> bool:
    """Whether a name may begin with this character (letters of any script, `_`, symbols beyond the basic plane)."""
    return character == "_" or character.isalpha() or ord(character) >= 0x10000


def continues_name(character: str) -> bool:
    """Whether a part of a name may go on with this character."""
    return (
        starts_name(character)
        or character.isdecimal()
        or (not character.isascii() and character.isidentifier())
        or _joins(character)
    )


def _joins(character: str) -> bool:
    return character in "\u00b7\u200c\u200d\u203f\u2040" or "\u0300" <= character <= "\u036f"


def _string(text: str, quote: int, start: int, kind: Kind, spaced: bool) -> tuple[Token, int]:
    match = _STRING.match(text, quote)
    if not match:
        raise ExpressionError(start, "引号没有成对。", "A quotation mark is not closed.")
    return Token(kind, _unescape(match.group(1)), start, spaced), match.end()


def _unescape(raw: str) -> str:
    if "\\" not in raw:
        return raw

    def one(match: re.Match[str]) -> str:
        four, six, plain = match.groups()
        if plain is not None:
            return _PLAIN_ESCAPES.get(plain, "\\" + plain)
        code = int(four or six, 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"

    # Two \u escapes may be the halves of one character; a half left alone cannot be stored as UTF-8.
    return _ESCAPE.sub(one, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _stranger(character: str, position: int) -> ExpressionError:
    if plain := _FULL_WIDTH.get(character):
        return ExpressionError(
            position,
            f"表达式里用了全角符号“{character}”，请改为半角“{plain}”。",
            f"Full-width “{character}” is used; write “{plain}”.",
        )
    if character in "$#":
        return ExpressionError(
            position,
            f'不能使用“{character}{{…}}”写法，请直接写名称和条件，例如 formal_check = "accept"。',
            f'“{character}{{…}}” is not used here; write the condition itself, such as formal_check = "accept".',
        )
    return ExpressionError(
        position, f"不认识的符号“{character}”。", f"The character “{character}” has no meaning here."
    )
