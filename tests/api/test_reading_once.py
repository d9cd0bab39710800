"""What a page has asked once it does not ask again, and nothing that was asked before a change is told after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from webapp.transaction import reading, writing
from workflows.persistence import once


class _Question:
    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture
def question(app: Flask) -> Iterator[_Question]:
    with app.app_context():
        yield _Question()


def test_while_a_session_only_reads_it_is_asked_once(question: _Question) -> None:
    assert [once(reading(), "a", question) for _ in range(3)] == [1, 1, 1]
    assert once(reading(), "b", question) == 2


def test_a_session_that_writes_asks_every_time(question: _Question) -> None:
    once(reading(), "a", question)
    with writing() as session:
        assert [once(session, "a", question) for _ in range(2)] == [2, 3]
        assert once(reading(), "a", question) == 4  # the same session: reading inside does not make it keep


def test_after_a_change_it_is_asked_anew(question: _Question) -> None:
    assert once(reading(), "a", question) == 1
    with writing():
        pass
    assert once(reading(), "a", question) == 2
    with pytest.raises(ZeroDivisionError), writing():
        raise ZeroDivisionError
    assert once(reading(), "a", question) == 3


def test_what_could_not_be_answered_is_not_kept(question: _Question) -> None:
    def fails() -> int:
        question()
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            once(reading(), "a", fails)
    assert question.asked == 2


def test_another_request_begins_with_nothing_kept(app: Flask) -> None:
    question = _Question()
    for _ in range(2):
        with app.app_context():
            once(reading(), "a", question)
    assert question.asked == 2


def test_a_session_of_a_service_keeps_nothing(app: Flask, question: _Question) -> None:
    with app.app_context(), Session(reading().get_bind()) as session:
        assert [once(session, "a", question) for _ in range(2)] == [1, 2]
