"""The persons of a finance bureau, and terms they can agree on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tests.factories.rows import add_agency, add_officer
from workflows.payments import PaymentTerms
from workflows.permissions import Actor, PostKind

TERMS = PaymentTerms(
    payee_key="91140800MA0ABCDE1X",
    payee_name="甲玻璃有限公司",
    payee_account="1405000000001234",
    payee_bank="A银行运城分行",
    item="bond_subsidy",
    period="2019",
    amount_fen=30_000_000,
)


@dataclass(frozen=True)
class Bureau:
    """One officer for each part in a payment, and a clerk who has none."""

    maker: Actor
    other_maker: Actor
    checker: Actor
    releaser: Actor
    clerk: Actor


def add_bureau(session: Session) -> Bureau:
    agency = add_agency(session)
    kinds = (PostKind.HANDLER, PostKind.HANDLER, PostKind.REVIEWER, PostKind.LEADER, PostKind.CLERK)
    return Bureau(*(add_officer(session, agency, kind) for kind in kinds))
