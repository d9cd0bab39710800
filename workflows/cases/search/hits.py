"""Showing where in a case the words stand, out of what the reader may see of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from workflows.cases.search.finding import Search, matching_rows
from workflows.cases.search.grams import MAX_PLAIN, fold, fold_char
from workflows.cases.search.pieces import Piece, gather
from workflows.cases.search.texts import Texts
from workflows.cases.search.views import Hit, HitPart

MAX_HITS = 3
"""Of one case."""
MAX_OPENED = 20
"""Cases of one page of whose papers the text is read; of the rest only the other texts are shown."""
BEFORE, AFTER = 16, 60
"""Characters shown around the first word."""
STRETCH, OVERLAP = 4000, 1000
"""Characters looked at closely, and how many of them with the next ones, too."""


def hits_in(session: Session, search: Search, listed: Mapping[int, int]) -> dict[int, tuple[Hit, ...]]:
    """Return where the words stand in cases that were found.

    Args:
        session: read only.
        search: what was looked for, by whom.
        listed: case → root of its family.
    """
    places: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for root_id, case_id, audience in matching_rows(session, search, list(set(listed.values()))):
        place = (case_id, audience)
        places[root_id].add(place)
        places[case_id].add(place)
    terms = search.asked.terms
    found = _look(session, places, listed, terms, with_contents=False)
    lacking = [case_id for case_id in listed if not _covers(found.get(case_id, ()), terms)][:MAX_OPENED]
    if lacking:
        found |= _look(session, places, {one: listed[one] for one in lacking}, terms, with_contents=True)
    return found


def _look(
    session: Session,
    places: Mapping[int, Collection[tuple[int, int]]],
    listed: Mapping[int, int],
    terms: Sequence[str],
    *,
    with_contents: bool,
) -> dict[int, tuple[Hit, ...]]:
    written = gather(session, set(listed.values()), with_contents=with_contents)
    pieces = {(one.case_id, int(one.audience)): one.pieces for one in written}
    texts = {root_id: Texts(session, [one for one in written if one.root_id == root_id]) for root_id in listed.values()}
    return {
        case_id: _hits(
            (piece for place in sorted(places[case_id]) for piece in pieces.get(place, ())), texts[root_id], terms
        )
        for case_id, root_id in listed.items()
    }


def _covers(hits: Iterable[Hit], terms: Sequence[str]) -> bool:
    shown = "\n".join(fold("".join(part.text for part in hit.parts)) for hit in hits)
    return all(term in shown for term in terms[:MAX_HITS])


def _hits(pieces: Iterable[Piece], texts: Texts, terms: Sequence[str]) -> tuple[Hit, ...]:
    """The first piece for each word that no piece before has."""
    hits: list[Hit] = []
    wanted = list(terms)
    for piece in pieces:
        text = texts.of(piece, MAX_PLAIN)
        plain = fold(text)
        here = [term for term in wanted if term in plain]
        if not here:
            continue
        label = piece.label
        parts = excerpt(text, terms)
        hits.append(Hit(piece.field, label.zh if label else None, label.en if label else None, parts))
        wanted = [term for term in wanted if term not in here]
        if not wanted or len(hits) == MAX_HITS:
            break
    return tuple(hits)


def excerpt(text: str, terms: Sequence[str]) -> tuple[HitPart, ...]:
    """Return the part of a text around the first of the words, told apart into what was found and what was not."""
    offset, stretch = _stretch(text, terms)
    folded, origin = _fold_with_origins(stretch)
    marks = sorted((offset + first, offset + last) for first, last in _marks(folded, origin, terms))
    if not marks:
        return ()
    start, end = max(0, marks[0][0] - BEFORE), min(len(text), marks[0][1] + AFTER)
    parts: list[HitPart] = []
    at = start
    for first, last in marks:
        if first < at or last > end:
            continue
        parts += [HitPart(text[at:first], found=False), HitPart(text[first:last], found=True)]
        at = last
    parts.append(HitPart(text[at:end], found=False))
    ellipses = (HitPart("…", found=False),)
    shown = [HitPart(" ".join(part.text.split("\n")), part.found) for part in parts if part.text]
    return (*(ellipses if start else ()), *shown, *(ellipses if end < len(text) else ()))


def _stretch(text: str, terms: Sequence[str]) -> tuple[int, str]:
    """Return the first stretch of a long text that has one of the words, and where it begins: looked at closely, a
    whole text would take long."""
    for at in range(0, len(text), STRETCH - OVERLAP):
        plain = fold(text[at : at + STRETCH])
        if any(term in plain for term in terms):
            start = max(0, at - BEFORE)
            return start, text[start : at + STRETCH + AFTER]
    return 0, text


def _fold_with_origins(text: str) -> tuple[str, list[int]]:
    """Fold a text as `fold` does, and tell for every character which one of the text it came from."""
    folded: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        for plain in fold_char(char):
            if plain != " " or (folded and folded[-1] != " "):
                folded.append(plain)
                origin.append(index)
    return "".join(folded), origin


def _marks(folded: str, origin: Sequence[int], terms: Sequence[str]) -> Iterable[tuple[int, int]]:
    for term in terms:
        at = folded.find(term)
        while at >= 0:
            yield origin[at], origin[at + len(term) - 1] + 1
            at = folded.find(term, at + len(term))
