"""Facts are normalised once: a row has what conditions compare, and nothing else gets in."""

from routing.rules.facts import FACT_CHARS_MAX, NO_NUMBER, Slots
from routing.rules.schema import field_named


def slots_of(*names: str) -> Slots:
    slots = Slots()
    for name in names:
        field = field_named(name)
        assert field is not None
        slots.slot(field)
    return slots


def test_texts_are_casefolded_and_cut_and_numbers_stay() -> None:
    slots = slots_of("tier", "value", "subject")
    assert slots.names() == ("tier", "value", "subject")
    row = slots.prepare({"tier": "Straße", "value": 7, "subject": "X" * (FACT_CHARS_MAX + 5), "more": 1})
    assert row == ["strasse", 7, "x" * FACT_CHARS_MAX]


def test_what_is_missing_or_of_another_type_is_missing() -> None:
    slots = slots_of("tier", "value")
    for facts in ({}, {"tier": None, "value": None}, {"tier": 4, "value": "4"}, {"tier": [], "value": True}):
        row = slots.prepare(facts)
        assert row[0] is None
        assert row[1] is NO_NUMBER
    assert slots.prepare({"value": float("nan")})[1] is NO_NUMBER


def test_a_field_has_one_slot() -> None:
    slots = slots_of("tier", "value", "tier")
    assert slots.names() == ("tier", "value")
