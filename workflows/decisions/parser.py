"""A Pratt parser that compiles while it reads (DMN 1.5, 10.3.1.2).

A name may hold blanks and even operators, so which tokens form one name depends on the names in scope:
the longest known one wins.
"""

from __future__ import annotations

from workflows.decisions import calls, frames, membership, nodes
from workflows.decisions.arithmetic import OPERATORS, Operator
from workflows.decisions.budget import MAX_DEPTH
from workflows.decisions.errors import ExpressionError
from workflows.decisions.frames import Code
from workflows.decisions.levels import AND, COMPARE, LEVELS, OR, ORDERINGS, UNARY
from workflows.decisions.membership import Test
from workflows.decisions.operands import Operands
from workflows.decisions.types import parse_type


class Parser(Operands):
    """One text being compiled."""

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
        return LEVELS.get(token.text, 0) if token.kind in ("operator", "name") else 0

    def infix(self, left: Code, level: int) -> Code:
        if level in (OR, AND):
            return self.logical(left, level)
        if level == COMPARE:
            return self.comparison(left)
        if level == UNARY:
            self.advance()
            self.expect("of")
            return calls.instance(left, parse_type(self))
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
        return nodes.conjunction(codes, decided_by=level == OR)

    def comparison(self, left: Code) -> Code:
        subject = self._named
        if subject is not None and subject[0] == self.index and self.at("=", "!=") and self.ahead(1).kind == "string":
            self.compared.add((subject[1], self.ahead(1).text))
        operator = self.advance().text
        if operator == "between":
            low = self.expression(AND)
            self.expect("and")
            return nodes.between(left, low, self.expression(COMPARE))
        if operator == "in":
            return membership.membership(left, self.tests_after_in())
        return nodes.comparison(operator, left, self.expression(COMPARE))

    def tests_after_in(self) -> Test:
        if not self.at("(") or self.range_ahead():
            return self.positive_test()
        self.advance()
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        self.expect(")")
        return membership.any_test(tests)

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
        return membership.any_test(tests)

    def positive_test(self) -> Test:
        token = self.token
        if token.kind == "operator" and token.text in (*ORDERINGS, "=", "!="):
            self.advance()
            return _ordering_test(token.text, self.expression(COMPARE))
        outer, self.uses_input = self.uses_input, False
        self.scope.push(["?"])
        code = self.expression()
        self.scope.pop()
        test = membership.value_test(code, uses_input=self.uses_input)
        self.uses_input = outer
        return test


def _negated(test: Test) -> Test:
    def run(subject: object, frame: frames.Frame) -> bool | None:
        verdict = test(subject, frame)
        return None if verdict is None else not verdict

    return run


def _ordering_test(operator: str, code: Code) -> Test:
    subject_code: Code = nodes.variable("?")
    compare = nodes.comparison(operator, subject_code, code)
    return lambda subject, frame: compare(frames.Frame({"?": subject}, frame, frame.run))
