"""Check digits against the published example, and against every single typing mistake."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.customers.luhn import digits_of, is_valid, with_check_digit


def test_the_example_of_the_standard() -> None:
    assert with_check_digit("7992739871") == "79927398713"
    assert is_valid("79927398713")
    assert not is_valid("79927398710")


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{3,15}", fullmatch=True), st.data())
def test_one_wrong_digit_is_always_noticed(digits: str, data: st.DataObject) -> None:
    number = with_check_digit(digits)
    assert is_valid(number)
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not is_valid(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("number", ["", "0", "12a4", "１８", "-18", " 18"])
def test_what_is_no_number_is_not_valid(number: str) -> None:
    assert not is_valid(number)


def test_digits_in_any_script_are_read() -> None:
    assert digits_of("４０００ 000-001, ٥") == "40000000015"
