from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import InvalidInputError
from workflows.uscc import ALPHABET, check_character, require_uscc

EXAMPLE = "91350100M000100Y43"
"""The worked example printed in GB 32100-2015."""

first_17 = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def refusal(value: object) -> tuple[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        require_uscc(value, "issuers.0.uscc")
    (error,) = caught.value.errors
    return error.field, error.code


def test_example_of_the_standard_passes() -> None:
    assert require_uscc(EXAMPLE, "uscc") == EXAMPLE


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("0" * 17, "0"),  # the sum is 0, and 31 - 0 counts as 0
        ("1" + "0" * 16, "Y"),  # 31 - 1 * 1 = 30
        ("01" + "0" * 15, "W"),  # 31 - 1 * 3 = 28
        ("0" * 16 + "1", "3"),  # 3^16 mod 31 = 28; 31 - 28 = 3
    ],
)
def test_check_character_worked_out_by_hand(first: str, expected: str) -> None:
    assert check_character(first) == expected


def test_small_letters_and_surrounding_blanks_are_put_right() -> None:
    assert require_uscc(f" {EXAMPLE.lower()}\n", "uscc") == EXAMPLE


@pytest.mark.parametrize("value", ["", EXAMPLE[:-1], EXAMPLE + "0", "9" * 100_000])
def test_another_length_is_refused(value: str) -> None:
    assert refusal(value) == ("issuers.0.uscc", "uscc-length")


@pytest.mark.parametrize(
    "value", ["I" + EXAMPLE[1:], "９" + EXAMPLE[1:], "ß" + EXAMPLE[1:], "9 " + EXAMPLE[2:], None, 9135]
)
def test_other_characters_are_refused(value: object) -> None:
    assert refusal(value) == ("issuers.0.uscc", "uscc-characters")


def test_wrong_check_digit_is_refused() -> None:
    assert refusal(EXAMPLE[:-1] + "4") == ("issuers.0.uscc", "uscc-check-digit")


@given(first_17, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_single_wrong_character_is_noticed(first: str, place: int, other: str) -> None:
    code = first + check_character(first)
    changed = code[:place] + other + code[place + 1 :]
    if changed == code:
        assert require_uscc(changed, "issuers.0.uscc") == code
    else:
        assert refusal(changed)[1] == "uscc-check-digit"


@given(first_17, st.integers(0, 15))
def test_any_two_neighbours_swapped_are_noticed(first: str, place: int) -> None:
    code = first + check_character(first)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        assert refusal(swapped)[1] == "uscc-check-digit"


def test_first_part_of_another_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="17"):
        check_character("1")
