"""What may stand in an address; anything else is an address that does not exist, before any query is made."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import BaseConverter, Map, ValidationError


class KeyConverter(BaseConverter):
    """A 64-bit key."""

    regex = r"[0-9]{1,19}"
    maximum = 2**63 - 1

    def to_python(self, value: str) -> int:
        number = int(value)
        if not 0 < number <= self.maximum:
            raise ValidationError
        return number

    def to_url(self, value: Any) -> str:
        return str(value)


class NumberConverter(KeyConverter):
    """A 32-bit number, such as a version's."""

    maximum = 2**31 - 1


class CaseNumberConverter(BaseConverter):
    """A case number such as 运债补〔2026〕1号之一."""

    regex = r"[^/\x00-\x1f\x7f\ufffd]{1,60}"


class CodeConverter(BaseConverter):
    """A key in words, such as a process's."""

    regex = r"[A-Za-z0-9_.\-]{1,60}"


CONVERTERS: dict[str, type[BaseConverter]] = {
    "key": KeyConverter,
    "number": NumberConverter,
    "case_no": CaseNumberConverter,
    "code": CodeConverter,
}


def add_converters(url_map: Map) -> None:
    """Make the converters known to an application."""
    url_map.converters.update(CONVERTERS)
