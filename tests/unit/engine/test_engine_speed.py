"""Our round trip beside the stock library's, in the same process."""

from __future__ import annotations

import pytest

from workflows.engine.reference import StockCase, countersign, measure


def test_a_case_is_stored_in_a_fraction_of_the_stock_state() -> None:
    for name, found in measure(rounds=1).items():
        assert found.ours_bytes * 20 < found.stock_bytes, (name, found)


@pytest.mark.parametrize("completions", [1, 13])
def test_the_yardstick_plays_the_same_case_on_both_sides(completions: int) -> None:
    """A stock case that stood still would be a wrong yardstick."""
    stock = StockCase(countersign(), {"signers": list(range(13))}, completions)
    assert stock.round_trip() != stock.state
