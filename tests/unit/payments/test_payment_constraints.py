"""What the database refuses by itself, whatever a service or a person at the console tries."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from tests.factories.payments import TERMS, Bureau
from tests.factories.rows import AT
from workflows.cases.models import Case
from workflows.clock import FixedClock
from workflows.errors import SamePersonError, StateConflictError
from workflows.payments import APPEND_ONLY_DDL, PaymentEvent, PaymentOrder, approve, propose, review
from workflows.permissions import Actor


def row(case: Case, bureau: Bureau, **changes: Any) -> dict[str, Any]:
    order = {
        "no": f"{case.no}-1",
        "case_id": case.id,
        "payee_key": TERMS.payee_key,
        "payee_name": TERMS.payee_name,
        "payee_account": TERMS.payee_account,
        "payee_bank": TERMS.payee_bank,
        "item": TERMS.item,
        "period": TERMS.period,
        "amount_fen": 1,
        "status": "proposed",
        "maker_id": bureau.maker.person_id,
        "row_version": 1,
        "proposed_at": AT,
    }
    return order | {name: as_id(value, bureau) for name, value in changes.items()}


def as_id(value: Any, bureau: Bureau) -> Any:
    return getattr(bureau, value).person_id if isinstance(value, str) and hasattr(bureau, value) else value


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "reviewed", "checker_id": "checker"},
        {"status": "approved", "checker_id": "checker", "releaser_id": "releaser"},
        {
            "status": "confirmed",
            "checker_id": "checker",
            "releaser_id": "releaser",
            "confirmed_by_id": "maker",
            "bank_reference": "HD-1",
        },
        {"status": "voided"},
    ],
)
def test_a_sound_order_is_stored(session: Session, case: Case, bureau: Bureau, changes: dict[str, Any]) -> None:
    session.execute(insert(PaymentOrder).values(row(case, bureau, **changes)))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount_fen": 0}, "amount_positive"),
        ({"amount_fen": -5}, "amount_positive"),
        ({"status": "paid"}, "status_known"),
        ({"checker_id": "maker"}, "checker_not_maker"),
        ({"checker_id": "checker", "releaser_id": "maker"}, "releaser_not_maker_or_checker"),
        ({"checker_id": "checker", "releaser_id": "checker"}, "releaser_not_maker_or_checker"),
        ({"releaser_id": "releaser"}, "releaser_not_maker_or_checker"),
        ({"status": "reviewed"}, "reviewed_by_somebody"),
        ({"status": "approved", "checker_id": "checker"}, "approved_by_somebody"),
        ({"status": "unknown", "checker_id": "checker"}, "approved_by_somebody"),
        ({"status": "confirmed", "checker_id": "checker", "releaser_id": "releaser"}, "confirmed_with_reference"),
    ],
)
def test_an_unsound_order_is_refused(
    session: Session, case: Case, bureau: Bureau, changes: dict[str, Any], constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=f"ck_payment_order_{constraint}"):
        session.execute(insert(PaymentOrder).values(row(case, bureau, **changes)))


def test_one_person_cannot_be_written_into_two_parts_of_a_stored_order(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    order = propose(session, case.id, TERMS, actor=bureau.maker, clock=clock)
    review(session, order.id, actor=bureau.checker, clock=clock)
    with pytest.raises(IntegrityError, match="checker_not_maker"), session.begin_nested():
        session.execute(update(PaymentOrder).values(maker_id=bureau.checker.person_id))
    with pytest.raises(IntegrityError, match="releaser_not_maker_or_checker"), session.begin_nested():
        session.execute(update(PaymentOrder).values(releaser_id=bureau.maker.person_id))


SIGNED = {"status": "approved", "checker_id": "checker", "releaser_id": "releaser"}


@pytest.mark.parametrize("status", ["reviewed", "approved", "instructed", "unknown", "returned"])
@pytest.mark.parametrize(
    "terms", [{"amount_fen": 10}, {"payee_account": "999"}, {"payee_name": "另一家"}, {"period": "2020"}]
)
def test_what_was_signed_does_not_change(
    session: Session, case: Case, bureau: Bureau, status: str, terms: dict[str, Any]
) -> None:
    session.execute(insert(PaymentOrder).values(row(case, bureau, **{**SIGNED, "status": status})))
    with pytest.raises(DatabaseError, match="signatures gone"), session.begin_nested():
        session.execute(update(PaymentOrder).values(**terms))
    if status in ("instructed", "unknown"):  # nor is it made unsent to be changed then
        bare = {"status": "proposed", "checker_id": None, "releaser_id": None}
        with pytest.raises(DatabaseError, match="not unsent"), session.begin_nested():
            session.execute(update(PaymentOrder).values(**bare, **terms))
        with pytest.raises(DatabaseError, match="not unsent"), session.begin_nested():
            session.execute(update(PaymentOrder).values(status="voided"))
    else:
        bare = {"status": "proposed", "checker_id": None, "releaser_id": None}
        session.execute(update(PaymentOrder).values(**bare, **terms))


PARTS = ("maker", "checker", "releaser")


@pytest.mark.parametrize(("one", "other"), [(a, b) for a in PARTS for b in PARTS if a != b])
def test_nobody_is_in_two_parts_through_a_deputy(
    session: Session, case: Case, bureau: Bureau, one: str, other: str
) -> None:
    """Whose work a part was counts like the person who signed it."""
    whole = {"status": "approved", "checker_id": "checker", "releaser_id": "releaser"}
    session.execute(insert(PaymentOrder).values(row(case, bureau, **whole, **{f"{one}_for_id": "clerk"})))
    with pytest.raises(DatabaseError, match="three persons"), session.begin_nested():
        session.execute(update(PaymentOrder).values({f"{one}_for_id": getattr(bureau, other).person_id}))
    with pytest.raises(DatabaseError, match="three persons"), session.begin_nested():
        session.execute(update(PaymentOrder).values({f"{other}_for_id": bureau.clerk.person_id}))


@pytest.mark.parametrize(
    ("maker_for", "checker_for", "releaser_for", "refused_at"),
    [
        (None, "maker", None, "checker"),
        ("checker", None, None, "checker"),
        ("clerk", "clerk", None, "checker"),
        (None, None, "maker", "releaser"),
        (None, None, "checker", "releaser"),
        ("releaser", None, None, "releaser"),
        (None, "clerk", "clerk", "releaser"),
        ("other_maker", "clerk", None, None),
    ],
)
def test_the_three_are_three_whoever_stands_in(
    session: Session,
    case: Case,
    bureau: Bureau,
    clock: FixedClock,
    maker_for: str | None,
    checker_for: str | None,
    releaser_for: str | None,
    refused_at: str | None,
) -> None:
    def acting(part: str, whose: str | None) -> Actor:
        return replace(getattr(bureau, part), on_behalf_of=getattr(bureau, whose).person_id if whose else None)

    order = propose(session, case.id, TERMS, actor=acting("maker", maker_for), clock=clock)
    reached = None
    try:
        for reached, sign, whose in (("checker", review, checker_for), ("releaser", approve, releaser_for)):
            sign(session, order.id, actor=acting(reached, whose), clock=clock)
    except SamePersonError:
        assert reached == refused_at
    else:
        assert refused_at is None


def test_a_second_row_for_the_same_payment_is_refused(session: Session, case: Case, bureau: Bureau) -> None:
    session.execute(insert(PaymentOrder).values(row(case, bureau, status="voided")))
    with pytest.raises(IntegrityError):
        session.execute(insert(PaymentOrder).values(row(case, bureau, no="another")))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE payment_event SET amount_fen = 1", "DELETE FROM payment_event", "DELETE FROM payment_order"],
)
def test_history_is_neither_changed_nor_deleted(
    session: Session, case: Case, bureau: Bureau, clock: FixedClock, statement: str
) -> None:
    propose(session, case.id, TERMS, actor=bureau.maker, clock=clock)
    present = session.scalar(text(TRIGGERS_PRESENT[session.get_bind().dialect.name]))
    if not present:
        for ddl in APPEND_ONLY_DDL[session.get_bind().dialect.name]:
            session.execute(text(ddl))
    with pytest.raises(DatabaseError, match=r"append-only|never deleted|refuses"):
        session.execute(text(statement))
    session.rollback()


TRIGGERS_PRESENT = {
    "sqlite": "SELECT count(*) FROM sqlite_master WHERE name = 'payment_event_no_update'",
    "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgname = 'payment_event_append_only'",
}


def test_two_proposals_at_one_instant_make_one_order(
    engine: Engine, session: Session, case: Case, bureau: Bureau, clock: FixedClock
) -> None:
    case_id = case.id
    session.commit()
    start, answers = threading.Barrier(2), []

    def attempt() -> None:
        with Session(engine) as mine:
            start.wait()
            mine.connection(execution_options={"write": True})
            try:
                propose(mine, case_id, TERMS, actor=bureau.maker, clock=clock)
                mine.commit()
                answers.append("proposed")
            except StateConflictError:
                answers.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["proposed", "refused"]
    with Session(engine) as reader:
        assert reader.query(PaymentOrder).count() == 1
        assert reader.query(PaymentEvent).count() == 1
