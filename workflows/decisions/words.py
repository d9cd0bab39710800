"""The parts of the grammar that begin with a word: names, `if`, `for`, `some`, `every`, `function`."""

from __future__ import annotations

from collections.abc import Collection

from workflows.decisions import calls, loops, nodes
from workflows.decisions.cursor import Cursor
from workflows.decisions.errors import ExpressionError
from workflows.decisions.frames import Code
from workflows.decisions.names import KEYWORDS, Library, Scope, join
from workflows.decisions.tokens import Token
from workflows.decisions.types import parse_type


class Words(Cursor):
    """Words of one text.

    Args:
        free: collects the names taken from outside.
        members: collects (name taken from outside, member asked of it).
        compared: collects (name taken from outside, text it is compared with).
        uses_input: whether `?` is mentioned.
    """

    def __init__(self, text: str, names: Collection[str] | None, library: Library) -> None:
        super().__init__(text)
        self.free: set[str] = set()
        self.members: set[tuple[str, str]] = set()
        self.compared: set[tuple[str, str]] = set()
        self.uses_input = False
        self.scope = Scope(names, library)
        self.builtins = library.functions
        self._named: tuple[int, str] | None = None

    def expression(self, level: int = 0) -> Code:
        """One expression whose operators bind more tightly than `level`."""
        raise NotImplementedError

    def word(self) -> Code:
        text = self.token.text
        known = self.scope.match(self.tokens, self.index)
        if known is None or known[1] == 1:
            if text in ("true", "false", "null"):
                self.advance()
                return nodes.constant({"true": True, "false": False, "null": None}[text])
            if text in ("if", "for", "some", "every"):
                return self.if_() if text == "if" else self.loop()
            if text == "function" and self.ahead(1).text == "(":
                return self.function()
            if text in KEYWORDS:
                raise self.unexpected()
        return self.name(known)

    def if_(self) -> Code:
        cases: list[tuple[Code, Code]] = []
        while self.take("if"):
            condition = self.expression()
            self.expect("then")
            cases.append((condition, self.expression()))
            self.expect("else")
        return nodes.branch(cases, self.expression())

    def loop(self) -> Code:
        word = self.advance().text
        self.scope.push(["partial"] if word == "for" else [])
        sources = [self.source()]
        while self.take(","):
            sources.append(self.source())
        self.expect("return" if word == "for" else "satisfies")
        body = self.expression()
        self.scope.pop()
        if word == "for":
            return loops.iteration(sources, body)
        return loops.quantifier(sources, body, decided_by=word == "some")

    def source(self) -> tuple[str, loops.Source]:
        start = self.index
        while self.token.kind == "name" and not self.at("in"):
            self.advance()
        if start == self.index:
            raise self.unexpected()
        name = join(self.tokens[start : self.index])
        self.expect("in")
        code = self.expression()
        source = loops.span(code, self.expression()) if self.take("..") else loops.elements(code)
        self.scope.declare(name)
        return name, source

    def function(self) -> Code:
        self.advance()
        self.expect("(")
        parameters = []
        while not self.at(")"):
            start = self.index
            while self.token.kind == "name":
                self.advance()
            if start == self.index:
                raise self.unexpected()
            name = join(self.tokens[start : self.index])
            parameters.append((name, parse_type(self) if self.take(":") else _anything))
            if not self.take(","):
                break
        self.expect(")")
        if self.at("external"):
            raise ExpressionError(self.token.position, "不能调用外部程序。", "External functions are not available.")
        self.scope.push([name for name, _ in parameters])
        body = self.expression()
        self.scope.pop()
        return calls.function(parameters, body)

    def name(self, known: tuple[str, int] | None) -> Code:
        start = self.token
        if known is not None:
            name, length = known
            self.index += length
        else:
            name = self.unknown_name()
        if name == "?":
            self.uses_input = True
        if self.scope.is_local(name):
            return nodes.variable(name)
        builtin = self.builtins.get(name)
        if builtin is not None and not self.scope.is_given(name) and (self.scope.names is not None or self.at("(")):
            return nodes.constant(builtin)
        if name != "?" and not self.scope.is_given(name):
            self.check_unknown(name, start)
        self.free.add(name)
        self._named = (self.index, name)
        return nodes.variable(name, builtin)

    def unknown_name(self) -> str:
        """Words one after another with only blanks between: nothing else they could mean than one name."""
        start = self.index
        self.advance()
        while self.token.kind == "name" and self.token.text not in KEYWORDS:
            self.advance()
        return join(self.tokens[start : self.index])

    def check_unknown(self, name: str, token: Token) -> None:
        if self.scope.names is None or self.scope.open:
            return
        if self.at("("):
            raise ExpressionError(token.position, f"没有名为“{name}”的函数。", f"There is no function “{name}”.")
        raise ExpressionError(
            token.position,
            f"没有名为“{name}”的变量，请核对名称；文字要加半角双引号。",
            f"There is no variable “{name}”; check its name, and put texts in double quotes.",
        )


def _anything(value: object) -> bool:
    return True
