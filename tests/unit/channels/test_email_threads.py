"""Signed reply addresses and references."""

from hypothesis import given
from hypothesis import strategies as st

from channels.email.threads import recognise, reply_address, signed_reference

OURS = "support@hub.example"
KIM = "kim@customer.example"
SECRET = b"k" * 32


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=23))
def test_an_address_and_a_reference_name_their_interaction(interaction_id: str) -> None:
    """Whatever ids look like, in upper or lower case."""
    address = reply_address(OURS, interaction_id, SECRET)
    assert recognise([address.upper()], [], KIM, OURS, SECRET).interaction_id == interaction_id
    reference = signed_reference(OURS, interaction_id, KIM, SECRET)
    thread = recognise([OURS], ["<a@b>", reference], KIM.upper(), OURS, SECRET)
    assert (thread.interaction_id, thread.verified) == (interaction_id, True)


def test_one_changed_letter_or_another_key_names_nothing() -> None:
    """Neither guessing nor a token of another account helps."""
    address = reply_address(OURS, "i1", SECRET)
    for forged in (address.replace("i1", "i2"), address.replace("@hub", "@hab"), "support+i1@hub.example"):
        assert recognise([forged], [], KIM, OURS, SECRET).interaction_id == ""
    assert recognise([address], [], KIM, OURS, b"z" * 32).interaction_id == ""


def test_a_reference_serves_only_whom_it_was_given_to() -> None:
    """A stranger with somebody's whole References is unverified, also when he knows the reply address."""
    reference = signed_reference(OURS, "i1", KIM, SECRET)
    stranger = recognise([OURS], [reference, "<k1@hub.example>"], "mallory@evil.example", OURS, SECRET)
    assert (stranger.interaction_id, stranger.verified) == ("", False)
    address = reply_address(OURS, "i1", SECRET)
    forwarded = recognise([address], [reference], "mallory@evil.example", OURS, SECRET)
    assert (forwarded.interaction_id, forwarded.verified) == ("i1", False)


def test_an_address_token_is_no_reference_and_the_reverse() -> None:
    """The two purposes have different signatures."""
    token = reply_address(OURS, "i1", SECRET).partition("+")[2].partition("@")[0]
    assert recognise([OURS], [f"<ref.{token}@hub.example>"], KIM, OURS, SECRET).interaction_id == ""
