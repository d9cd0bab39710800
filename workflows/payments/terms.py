"""What an order says: to whom, for what, how much. A change of any of it makes earlier signatures void."""

from __future__ import annotations

from dataclasses import dataclass, fields

from workflows.errors import FieldError, InvalidInputError
from workflows.money import require_fen
from workflows.payments.models import PaymentOrder

_LONGEST = {
    "payee_key": 40,
    "payee_name": 200,
    "payee_account": 40,
    "payee_bank": 120,
    "item": 60,
    "period": 10,
}


@dataclass(frozen=True)
class PaymentTerms:
    """The terms of one payment.

    Args:
        payee_key: identifies the payee whatever its name: the unified social credit code.
        payee_name: the account's holder.
        payee_account: the account's number.
        payee_bank: the bank that keeps it.
        item: what is paid, such as the process's key.
        period: the budget year.
        amount_fen: in 分, at least 1.
    """

    payee_key: str
    payee_name: str
    payee_account: str
    payee_bank: str
    item: str
    period: str
    amount_fen: int

    def check(self) -> None:
        """Refuse terms that could not be paid.

        Raises:
            InvalidInputError: a part is empty or too long, or the amount is not a positive whole number of 分.
        """
        errors = []
        for name, longest in _LONGEST.items():
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                errors.append(FieldError(name, "required"))
            elif len(value) > longest:
                errors.append(FieldError(name, "too-long", {"maximum": longest}))
        if errors:
            raise InvalidInputError(errors)
        require_fen(self.amount_fen, field="amount_fen", minimum=1)

    def write_to(self, order: PaymentOrder) -> None:
        """Put the terms into a row."""
        for field in fields(self):
            setattr(order, field.name, getattr(self, field.name))


def terms_of(order: PaymentOrder) -> PaymentTerms:
    """Return the terms a row stands at."""
    return PaymentTerms(**{field.name: getattr(order, field.name) for field in fields(PaymentTerms)})
