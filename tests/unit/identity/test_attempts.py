"""At most five guesses at a name are answered in a window, however many come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from webapp.database import begin_write
from webapp.identity.attempts import MAX_FAILURES, WINDOW, forget, forget_ended, locked_until, take_try, username_key
from webapp.identity.models import LoginAttempt
from workflows.clock import FixedClock

KEY = username_key("jr.handler")


def test_five_tries_are_given_and_then_none(session: Session, clock: FixedClock) -> None:
    given = [take_try(session, KEY, clock.now()) for _ in range(8)]
    assert given == [4, 3, 2, 1, 0, None, None, None]
    assert locked_until(session, KEY, clock.now()) == clock.now() + WINDOW


def test_name_is_locked_for_a_whole_window_after_the_last_try(session: Session, clock: FixedClock) -> None:
    for _ in range(MAX_FAILURES - 1):
        take_try(session, KEY, clock.now())
    clock.advance(timedelta(minutes=14))
    assert take_try(session, KEY, clock.now()) == 0
    clock.advance(WINDOW - timedelta(seconds=1))
    assert take_try(session, KEY, clock.now()) is None
    assert locked_until(session, KEY, clock.now()) is not None
    clock.advance(timedelta(seconds=1))
    assert locked_until(session, KEY, clock.now()) is None
    assert take_try(session, KEY, clock.now()) == 4


def test_count_starts_anew_when_the_window_is_over(session: Session, clock: FixedClock) -> None:
    for _ in range(3):
        take_try(session, KEY, clock.now())
    clock.advance(WINDOW)
    assert take_try(session, KEY, clock.now()) == 4


def test_tries_while_locked_do_not_prolong_the_lock(session: Session, clock: FixedClock) -> None:
    for _ in range(MAX_FAILURES):
        take_try(session, KEY, clock.now())
    clock.advance(timedelta(minutes=10))
    assert take_try(session, KEY, clock.now()) is None
    assert locked_until(session, KEY, clock.now()) == clock.now() + timedelta(minutes=5)


def test_names_are_counted_apart_and_forgotten_apart(session: Session, clock: FixedClock) -> None:
    other = username_key("cz.handler")
    take_try(session, KEY, clock.now())
    take_try(session, other, clock.now())
    forget(session, KEY)
    assert take_try(session, KEY, clock.now()) == 4
    assert take_try(session, other, clock.now()) == 3


def test_spellings_of_one_name_are_one() -> None:
    assert {username_key(name) for name in (" JR.Handler", "jr.handler\n", "ＪＲ．ｈａｎｄｌｅｒ")} == {KEY}
    assert len(username_key("\ud800" * 100_000)) == 64


def test_ended_windows_are_swept_away(session: Session, clock: FixedClock) -> None:
    take_try(session, KEY, clock.now())
    clock.advance(WINDOW)
    take_try(session, username_key("late"), clock.now())
    assert forget_ended(session, clock.now()) == 1
    assert session.scalars(select(LoginAttempt.username_key)).all() == [username_key("late")]


def test_of_forty_guesses_at_once_five_are_answered(engine: Engine, clock: FixedClock) -> None:
    def guess(_: int) -> int | None:
        with Session(engine) as session:
            begin_write(session)
            left = take_try(session, KEY, clock.now())
            session.commit()
            return left

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(40)))
    assert sorted(left for left in answers if left is not None) == [0, 1, 2, 3, 4]
