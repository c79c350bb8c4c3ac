"""The Luhn check digit (ISO/IEC 7812-1 annex B) of customer and order numbers: one wrong key is noticed."""


def digits_of(typed: str) -> str:
    """The decimal digits in what a person typed or said, full-width and other scripts' digits included."""
    return "".join(str(int(sign)) for sign in typed if sign.isdecimal())


def with_check_digit(digits: str) -> str:
    """`digits` (ASCII 0-9) followed by the digit that makes the whole valid."""
    return digits + str(-_total(digits + "0") % 10)


def is_valid(number: str) -> bool:
    """Whether `number` is two or more ASCII digits that end in the right check digit."""
    return len(number) > 1 and number.isascii() and number.isdigit() and _total(number) % 10 == 0


def _total(number: str) -> int:
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign)
        if place % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total
