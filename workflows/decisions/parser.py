"""A Pratt parser that compiles while it reads (DMN 1.5, 10.3.1.2).

A name may hold blanks and even operators, so which tokens form one name depends on the names in scope:
the longest known one wins.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from workflows.decisions import nodes, temporal
from workflows.decisions.arithmetic import OPERATORS, Operator, number
from workflows.decisions.budget import MAX_DEPTH
from workflows.decisions.errors import ExpressionError
from workflows.decisions.names import KEYWORDS, Library, Scope, join
from workflows.decisions.nodes import Code, Test
from workflows.decisions.tokens import Token, tokenize
from workflows.decisions.types import parse_type
from workflows.decisions.values import NUMBERS

_OR, _AND, _COMPARE, _SUM, _PRODUCT, _POWER, _UNARY = 1, 2, 3, 4, 5, 6, 7
_LEVELS: Mapping[str, int] = {
    "or": _OR, "and": _AND, "=": _COMPARE, "!=": _COMPARE, "<": _COMPARE, "<=": _COMPARE, ">": _COMPARE, ">=": _COMPARE,
    "between": _COMPARE, "in": _COMPARE,
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER, "instance": _UNARY,
}  # fmt: skip
_ORDERINGS = ("<", "<=", ">", ">=")


class Parser:
    """One text being compiled. `free` collects the names taken from outside; `uses_input`: whether `?` is mentioned."""

    def __init__(self, text: str, names: Collection[str] | None, library: Library) -> None:
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0
        self.free: set[str] = set()
        self.uses_input = False
        self.scope = Scope(names, library)
        self.builtins = library.functions

    # Tokens

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

    # Entry points

    def whole_expression(self) -> Code:
        code = self.expression()
        self.finish()
        return code

    def whole_tests(self) -> Test:
        test = self.unary_tests()
        self.finish()
        return test

    def finish(self) -> None:
        if self.token.kind != "end":
            raise self.unexpected()

    # Operators

    def expression(self, level: int = 0) -> Code:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(
                self.token.position,
                f"括号或分支嵌套超过 {MAX_DEPTH} 层，请拆成几个条件。",
                f"Brackets or branches are nested more than {MAX_DEPTH} deep; split the expression.",
            )
        code = self.postfix(self.prefix())
        while (found := self.operator_level()) > level:
            code = self.infix(code, found)
        self.depth -= 1
        return code

    def operator_level(self) -> int:
        token = self.token
        return _LEVELS.get(token.text, 0) if token.kind in ("operator", "name") else 0

    def infix(self, left: Code, level: int) -> Code:
        if level in (_OR, _AND):
            return self.logical(left, level)
        if level == _COMPARE:
            return self.comparison(left)
        if level == _UNARY:
            self.advance()
            self.expect("of")
            return nodes.instance(left, parse_type(self))
        rest: list[tuple[Operator, Code]] = []
        while self.operator_level() == level:
            operator = OPERATORS[self.advance().text]
            rest.append((operator, self.expression(level)))
        return nodes.chain(left, rest)

    def logical(self, left: Code, level: int) -> Code:
        codes = [left]
        while self.operator_level() == level:
            self.advance()
            codes.append(self.expression(level))
        return nodes.conjunction(codes, decided_by=level == _OR)

    def comparison(self, left: Code) -> Code:
        operator = self.advance().text
        if operator == "between":
            low = self.expression(_AND)
            self.expect("and")
            return nodes.between(left, low, self.expression(_COMPARE))
        if operator == "in":
            return nodes.membership(left, self.tests_after_in())
        return nodes.comparison(operator, left, self.expression(_COMPARE))

    def tests_after_in(self) -> Test:
        if not self.at("(") or self.range_ahead():
            return self.positive_test()
        self.advance()
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        self.expect(")")
        return nodes.any_test(tests)

    def range_ahead(self) -> bool:
        """Whether the bracket here opens a range: `..` stands in it, outside inner brackets."""
        nested = 0
        for token in self.tokens[self.index + 1 :]:
            if token.kind == "operator":
                if token.text == ".." and nested == 0:
                    return True
                if token.text == "," and nested == 0:
                    return False
                nested += (token.text in "([{") - (token.text in ")]}")
                if nested < 0:
                    return False
        return False

    # Unary tests

    def unary_tests(self) -> Test:
        if self.at("-") and self.ahead(1).kind == "end":
            self.advance()
            return lambda subject, frame: True
        if self.at("not") and self.ahead(1).text == "(" and self.negates_everything():
            self.advance()
            self.advance()
            inner = self.several_tests()
            self.expect(")")
            return _negated(inner)
        return self.several_tests()

    def negates_everything(self) -> bool:
        """Whether `not(` closes at the very end of the text."""
        nested = 0
        for offset, token in enumerate(self.tokens[self.index + 1 :]):
            if token.kind == "operator":
                nested += (token.text == "(") - (token.text == ")")
                if nested == 0:
                    return self.ahead(offset + 2).kind == "end"
        return False

    def several_tests(self) -> Test:
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        return nodes.any_test(tests)

    def positive_test(self) -> Test:
        token = self.token
        if token.kind == "operator" and token.text in (*_ORDERINGS, "=", "!="):
            self.advance()
            return _ordering_test(token.text, self.expression(_COMPARE))
        outer, self.uses_input = self.uses_input, False
        self.scope.push(["?"])
        code = self.expression()
        self.scope.pop()
        test = nodes.value_test(code, uses_input=self.uses_input)
        self.uses_input = outer
        return test

    # Prefixes

    def prefix(self) -> Code:
        token = self.token
        if token.kind == "number":
            self.advance()
            return nodes.constant(_number(token))
        if token.kind == "string":
            self.advance()
            return nodes.constant(token.text)
        if token.kind == "temporal":
            return nodes.constant(self.temporal(self.advance()))
        if token.kind == "operator":
            return self.bracket_or_minus()
        if token.kind == "name":
            return self.word()
        raise self.unexpected()

    def temporal(self, token: Token) -> object:
        value = temporal.parse_temporal(token.text)
        if value is None:
            raise ExpressionError(
                token.position,
                f"“{token.text}”不是日期、时间或时长。",
                f"“{token.text}” is no date, time or duration.",
            )
        return value

    def bracket_or_minus(self) -> Code:
        if self.at("-"):
            times = 0
            while self.take("-"):
                times += 1
            return nodes.negation(self.expression(_UNARY), times=times)
        if self.at("("):
            return self.parenthesis()
        if self.at("["):
            return self.bracket()
        if self.at("]"):
            self.advance()
            return self.range_rest(self.expression(), start_included=False)
        if self.at("{"):
            return self.context()
        raise self.unexpected()

    def parenthesis(self) -> Code:
        if self.ahead(1).text in _ORDERINGS and self.ahead(1).kind == "operator":
            self.advance()
            operator = self.advance().text
            end = self.expression(_COMPARE)
            self.expect(")")
            return _half_range(operator, end)
        self.advance()
        code = self.expression()
        if self.at(".."):
            return self.range_rest(code, start_included=False)
        self.expect(")")
        return code

    def bracket(self) -> Code:
        self.advance()
        if self.take("]"):
            return nodes.listing([])
        codes = [self.expression()]
        if self.at(".."):
            return self.range_rest(codes[0], start_included=True)
        while self.take(","):
            codes.append(self.expression())
        self.expect("]")
        return nodes.listing(codes)

    def range_rest(self, start: Code, *, start_included: bool) -> Code:
        self.expect("..")
        end = self.expression()
        if not self.at(")", "]", "["):
            raise self.unexpected("]")
        closing = self.advance().text
        return nodes.interval(start, end, start_included=start_included, end_included=closing == "]")

    def context(self) -> Code:
        self.expect("{")
        self.scope.push([])
        entries: list[tuple[str, Code]] = []
        while not self.at("}"):
            key = self.key()
            self.expect(":")
            if self.at("function"):
                self.scope.declare(key)  # a function may call itself
            entries.append((key, self.expression()))
            self.scope.declare(key)
            if not self.take(","):
                break
        self.expect("}")
        self.scope.pop()
        if len({key for key, _ in entries}) < len(entries):
            raise ExpressionError(self.token.position, "同一个名称写了两次。", "A name is given twice.")
        return nodes.context(entries)

    def key(self) -> str:
        if self.token.kind == "string":
            return self.advance().text
        start = self.index
        while self.token.kind in ("name", "number") or self.at(".", "/", "-", "+", "*", "**"):
            self.advance()
        if start == self.index:
            raise self.unexpected()
        return join(self.tokens[start : self.index])

    # Words

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
            return nodes.iteration(sources, body)
        return nodes.quantifier(sources, body, decided_by=word == "some")

    def source(self) -> tuple[str, nodes.Source]:
        start = self.index
        while self.token.kind == "name" and not self.at("in"):
            self.advance()
        if start == self.index:
            raise self.unexpected()
        name = join(self.tokens[start : self.index])
        self.expect("in")
        code = self.expression()
        source = nodes.span(code, self.expression()) if self.take("..") else nodes.elements(code)
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
        return nodes.function(parameters, body)

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

    # What follows a value

    def postfix(self, base: Code) -> Code:
        steps: list[nodes.Postfix] = []
        while self.token.kind == "operator":
            if self.token.text == "." and self.ahead(1).kind == "name":
                self.advance()
                steps.append(nodes.path(self.member()))
            elif self.token.text == "[":
                self.advance()
                steps.append(self.filter())
            elif self.token.text == "(":
                steps.append(self.call())
            else:
                break
        return nodes.postfix(base, steps) if steps else base

    def member(self) -> str:
        known = self.scope.match_member(self.tokens, self.index)
        if known:
            self.index += known[1]
            return known[0]
        return self.unknown_name()

    def filter(self) -> nodes.Postfix:
        self.scope.push(["item"], open_=True)
        condition = self.expression()
        self.scope.pop()
        self.expect("]")
        return nodes.selection(condition)

    def call(self) -> nodes.Postfix:
        self.expect("(")
        codes: list[Code] = []
        names: list[str] = []
        while not self.at(")"):
            name = self.argument_name()
            if name is not None:
                names.append(name)
            codes.append(self.expression())
            if not self.take(","):
                break
        self.expect(")")
        if names and len(names) != len(codes):
            raise self.unexpected()
        return nodes.call(codes, names or None)

    def argument_name(self) -> str | None:
        stop = self.index
        while self.tokens[stop].kind == "name":
            stop += 1
        if stop == self.index or self.tokens[stop].text != ":" or self.tokens[stop].kind != "operator":
            return None
        name = join(self.tokens[self.index : stop])
        self.index = stop + 1
        return name


def _number(token: Token) -> Decimal:
    value = number(lambda: NUMBERS.create_decimal(token.text))
    if value is None:
        raise ExpressionError(token.position, f"数“{token.text}”过大。", f"The number “{token.text}” is too large.")
    return value


def _anything(value: object) -> bool:
    return True


def _negated(test: Test) -> Test:
    def run(subject: object, frame: nodes.Frame) -> bool | None:
        verdict = test(subject, frame)
        return None if verdict is None else not verdict

    return run


def _ordering_test(operator: str, code: Code) -> Test:
    subject_code: Code = nodes.variable("?")
    compare = nodes.comparison(operator, subject_code, code)
    return lambda subject, frame: compare(nodes.Frame({"?": subject}, frame, frame.run))


def _half_range(operator: str, end: Code) -> Code:
    included = operator.endswith("=")
    if operator.startswith("<"):
        return nodes.interval(None, end, start_included=False, end_included=included)
    return nodes.interval(end, None, start_included=included, end_included=False)
