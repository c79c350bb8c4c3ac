"""The demo's memory: by address, by number, and never more than it may hold."""

from hub.demo import threads
from hub.demo.threads import Threads


def test_each_address_sees_its_own_items_after_a_number() -> None:
    kept = Threads()
    first = kept.add("sms", "sent", "+1", "+2", "one", 10)
    kept.add("sms", "sent", "+3", "+2", "other", 11)
    last = kept.add("sms", "received", "+1", "+2", "two", 12)
    assert [item.text for item in kept.after("sms", "+1", 0)] == ["one", "two"]
    assert [item.text for item in kept.after("sms", "+1", first.seq)] == ["two"]
    assert kept.after("mail", "+1", 0) == []
    assert kept.mail("+1", last.seq) is None


def test_only_the_newest_items_and_addresses_are_kept() -> None:
    kept = Threads()
    for number in range(threads.ITEMS_MAX + 10):
        kept.add("sms", "sent", "+1", "+2", str(number), number)
    assert next(iter(kept.after("sms", "+1", 0))).text == "10"
    for number in range(threads.ADDRESSES_MAX):
        kept.add("mail", "received", f"a{number}@x.example", "b", "x", 1)
    assert kept.after("sms", "+1", 0) == []


def test_a_long_text_is_cut() -> None:
    kept = Threads()
    kept.add("mail", "received", "a", "b", "x" * 100_000, 1)
    assert len(kept.after("mail", "a", 0)[0].text) == threads.TEXT_CHARS_MAX
