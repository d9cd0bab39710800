"""What stands between operators: literals, brackets, lists, contexts; paths, filters and calls after a value."""

from __future__ import annotations

from decimal import Decimal

from workflows.decisions import calls, frames, membership, nodes, temporal
from workflows.decisions.arithmetic import number
from workflows.decisions.errors import ExpressionError
from workflows.decisions.frames import Code
from workflows.decisions.levels import COMPARE, ORDERINGS, UNARY
from workflows.decisions.names import join
from workflows.decisions.tokens import Token
from workflows.decisions.values import NUMBERS
from workflows.decisions.words import Words


class Operands(Words):
    """Operands of one text."""

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
            return nodes.negation(self.expression(UNARY), times=times)
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
        if self.ahead(1).text in ORDERINGS and self.ahead(1).kind == "operator":
            self.advance()
            operator = self.advance().text
            end = self.expression(COMPARE)
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
        return membership.interval(start, end, start_included=start_included, end_included=closing == "]")

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

    def postfix(self, base: Code) -> Code:
        steps: list[frames.Postfix] = []
        while self.token.kind == "operator":
            if self.token.text == "." and self.ahead(1).kind == "name":
                named = self._named if not steps else None
                at = self.index
                self.advance()
                member = self.member()
                if named is not None and named[0] == at:
                    self.members.add((named[1], member))
                steps.append(nodes.path(member))
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

    def filter(self) -> frames.Postfix:
        self.scope.push(["item"], open_=True)
        condition = self.expression()
        self.scope.pop()
        self.expect("]")
        return nodes.selection(condition)

    def call(self) -> frames.Postfix:
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
        return calls.call(codes, names or None)

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


def _half_range(operator: str, end: Code) -> Code:
    included = operator.endswith("=")
    if operator.startswith("<"):
        return membership.interval(None, end, start_included=False, end_included=included)
    return membership.interval(end, None, start_included=included, end_included=False)
