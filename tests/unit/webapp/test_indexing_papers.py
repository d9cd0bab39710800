"""Texts of papers on their way to the index: outages, interruptions, who waits, and how much is taken."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import IO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.cases import Office, application, issuer, seed_everything
from tests.factories.papers import APPLICANT, docx, found, lay, statuses
from webapp import context
from webapp.adapters.file_kinds import DOCX
from webapp.adapters.storage import StoreAwayError
from webapp.commands.reindex import index_all
from webapp.database import db
from webapp.documents import reading as reading_papers
from webapp.jobs.texts import sweep_texts
from workflows import cases
from workflows.cases import NewDocument
from workflows.cases.materials.models import ContentScan
from workflows.cases.materials.scans import ScanRule, record_scan
from workflows.cases.search import contents, grams, indexing, texts
from workflows.cases.search.grams import MAX_INTERNAL, MAX_PLAIN
from workflows.cases.search.tables import Audience, CaseSearch, ContentStatus, ContentText
from workflows.clock import FixedClock


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    seed_everything(session, clock)
    return Office(session, clock)


def test_a_file_whose_reading_fails_is_tried_three_times_and_again_when_all_is_indexed_anew(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    tried: list[str] = []

    def killed(sha256: str, kind: str) -> str:
        tried.append(kind)
        raise SystemExit

    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        with monkeypatch.context() as patched:
            patched.setattr(reading_papers, "read_text", killed)
            for _ in range(10):
                with suppress(SystemExit):
                    sweep_texts()
                clock.advance(timedelta(minutes=3))
        assert tried == ["docx"] * 3
        assert statuses(office) == [ContentStatus.UNREADABLE]
        index_all(missing=True, say=str)
        assert statuses(office) == [ContentStatus.UNREADABLE]
        index_all(missing=False, say=str)
        sweep_texts()
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]


@pytest.mark.parametrize("error", [StoreAwayError, FileNotFoundError])
def test_an_outage_of_the_store_is_no_attempt_at_reading(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    began = clock.now()
    asked: list[float] = []

    def away(_store: object, sha256: str) -> IO[bytes]:
        asked.append((clock.now() - began) / timedelta(seconds=30))
        raise error(sha256)

    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        with monkeypatch.context() as patched:
            patched.setattr(type(context.store()), "open", away)
            for _ in range(200):
                sweep_texts()
                clock.advance(timedelta(seconds=30))
        assert asked == [0, 1, 3, 7, 15, 31, 63, 123, 183]
        assert statuses(office) == [ContentStatus.WAITING]
        clock.advance(timedelta(minutes=30))
        sweep_texts()
        assert statuses(office) == [ContentStatus.READ]
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]


def test_while_the_store_is_away_one_file_is_asked_for_and_not_each(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    asked: list[str] = []

    def away(_store: object, sha256: str) -> IO[bytes]:
        asked.append(sha256)
        raise StoreAwayError(sha256)

    with app.app_context():
        for text in ("甲", "乙", "丙"):
            lay(office, no, docx(text), DOCX.media_type)
        monkeypatch.setattr(type(context.store()), "open", away)
        sweep_texts()
        assert len(asked) == 1


def test_a_file_that_lies_in_many_cases_is_indexed_a_few_at_a_time_and_goes_on_after_it_was_broken_off(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "FAMILIES_AT_ONCE", 1)
    numbers = [office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no for _ in range(3)]
    with app.app_context():
        for no in numbers:
            lay(office, no, docx("反担保措施"), DOCX.media_type)
        put: list[indexing.Prepared] = []

        def killed(session: Session, prepared: indexing.Prepared) -> None:
            if len(put) == 2:
                raise KeyboardInterrupt
            put.append(prepared)
            indexing.put_prepared(session, prepared)

        with monkeypatch.context() as patch:
            patch.setattr("webapp.indexing.put_prepared", killed)
            with pytest.raises(KeyboardInterrupt):
                sweep_texts()
        assert len(found(office, "jr.handler", "反担保")) == 2
        office.clock.advance(contents.CLAIMED_FOR)
        with monkeypatch.context() as patch:
            patch.setattr(reading_papers, "read_text", None)  # it is not read again
            sweep_texts()
    assert sorted(row[0] for row in found(office, "jr.handler", "反担保")) == sorted(numbers)
    assert statuses(office) == [ContentStatus.READ]


def test_texts_are_folded_while_nobody_is_kept_waiting(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    with app.app_context():
        sha256 = lay(office, no, docx("反担保措施"), DOCX.media_type, scan=ScanRule())
        record_scan(office.session, sha256, None, clock=clock)
        office.session.commit()
        writing: list[bool] = []

        def fold(text: str) -> str:
            writing.append(bool(db.session().info.get("lianban.writing")))
            return grams.fold(text)

        monkeypatch.setattr(indexing, "fold", fold)
        sweep_texts()
        assert found(office, "jr.handler", "担保") == [(no, ["paper_text"])]
        index_all(missing=False, say=str)
        scan = office.session.get_one(ContentScan, sha256)
        scan.due_at = clock.now()
        office.session.flush()
        assert record_scan(office.session, sha256, "Eicar", clock=clock)
        office.session.commit()
        sweep_texts()
        assert found(office, "jr.handler", "担保") == []
        assert statuses(office) == [ContentStatus.READ]
    assert writing
    assert not any(writing)


def test_what_is_written_while_a_case_is_made_ready_is_found(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no for _ in range(2))

    def late(session: Session, root_ids: Sequence[int]) -> indexing.Prepared:
        prepared = indexing.prepare(session, root_ids)
        session.rollback()
        paper = NewDocument("other", "鼋鼍.pdf", "application/pdf", 1, "1" * 64)
        office.act(cases.add_document, APPLICANT, second, paper)
        return prepared

    with app.app_context():
        monkeypatch.setattr("webapp.indexing.prepare", late)
        index_all(missing=False, say=str)
    assert found(office, "jr.handler", "鼋鼍") == [(second, ["paper"])]
    assert [no for no, _fields in found(office, "jr.handler", "票据")] == [second, first]


def test_of_a_case_so_much_is_indexed_and_no_more_looked_at(
    app: Flask, office: Office, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    folded: list[int] = []

    def fold(text: str) -> str:
        folded.append(len(text))
        return grams.fold(text)

    with app.app_context():
        for n in range(8):
            sha256 = lay(office, no, docx(str(n)), DOCX.media_type, internal=n % 2 == 1)
            text = ("\u337f" * 60_000 if n == 0 else "甲乙，" * 30_000) + f"末{n}"  # one of which is four when folded
            office.session.get_one(ContentText, sha256).text = text.encode()
        office.session.commit()
        monkeypatch.setattr(indexing, "fold", fold)
        index_all(missing=False, say=str)
    sizes = {row.audience: len(row.plain) for row in office.session.scalars(select(CaseSearch))}
    # Equal lines are kept once, though each takes room; and lines are parted.
    assert sizes[Audience.ALL] == pytest.approx(MAX_PLAIN, abs=100)
    assert sizes[Audience.OFFICERS] == pytest.approx(MAX_INTERNAL, abs=100)
    assert sum(folded) < MAX_PLAIN + 2 * MAX_INTERNAL
    office.session.commit()
    assert found(office, "jr.handler", "甲乙") == [(no, ["paper_text"])]
    assert found(office, "jr.handler", "末3") == []


def test_of_the_papers_of_a_whole_family_so_much_is_indexed(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = office.open(APPLICANT, application(issuer(0, "YHQ"))).case_no
    monkeypatch.setattr(texts, "MAX_FAMILY", 20)
    with app.app_context():
        lay(office, no, docx("反担保措施"), DOCX.media_type)
        lay(office, no, docx("甲乙丙丁" * 10), DOCX.media_type)
        lay(office, no, docx("鼋鼍"), DOCX.media_type)
        sweep_texts()
    assert found(office, "jr.handler", "担保") == found(office, "jr.handler", "乙丙") == [(no, ["paper_text"])]
    assert found(office, "jr.handler", "鼋鼍") == []
    assert [number for number, _fields in found(office, "jr.handler", "附件")] == [no]
