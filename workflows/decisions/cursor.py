"""A place in a list of tokens."""

from __future__ import annotations

from workflows.decisions.errors import ExpressionError
from workflows.decisions.names import join
from workflows.decisions.tokens import Token, tokenize


class Cursor:
    """Reads the tokens of one text from left to right.

    Raises:
        ExpressionError: the text cannot be cut into tokens.
    """

    def __init__(self, text: str) -> None:
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, count: int) -> Token:
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        self.index += 1
        return token

    def at(self, *texts: str) -> bool:
        token = self.token
        return token.kind in ("operator", "name") and token.text in texts

    def take(self, text: str) -> bool:
        if not self.at(text):
            return False
        self.index += 1
        return True

    def expect(self, text: str) -> Token:
        if not self.at(text):
            raise self.unexpected(text)
        return self.advance()

    def unexpected(self, wanted: str | None = None) -> ExpressionError:
        token = self.token
        if token.kind == "end":
            tail, tail_en = (f"，缺少“{wanted}”", f"; “{wanted}” is missing") if wanted else ("", "")
            return ExpressionError(
                token.position, f"表达式没有写完{tail}。", f"The expression ends too early{tail_en}."
            )
        if token.text == "=" and self.index and self.tokens[self.index - 1].text == "=":
            return ExpressionError(token.position, "判断相等请写一个等号“=”。", "Write one “=” to compare.")
        tail, tail_en = (f"，此处应为“{wanted}”", f"; “{wanted}” is expected here") if wanted else ("", "")
        return ExpressionError(
            token.position,
            f"第 {token.position + 1} 个字符处的“{token.text}”不合写法{tail}。",
            f"“{token.text}” at character {token.position + 1} does not fit{tail_en}.",
        )

    def key(self) -> str:
        """The name before a colon: a text, or words and signs up to it."""
        if self.token.kind == "string":
            return self.advance().text
        start = self.index
        while self.token.kind in ("name", "number") or self.at(".", "/", "-", "+", "*", "**"):
            self.advance()
        if start == self.index:
            raise self.unexpected()
        return join(self.tokens[start : self.index])
