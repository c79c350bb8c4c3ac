"""Our webhook signature against the provider's official validator."""

from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from channels.sms.signature import genuine, signature

NAMES = st.sampled_from(["Body", "From", "To", "MediaUrl0", "Zz", "a"])
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
URLS = st.sampled_from(
    ["https://hub.example/channels/sms/", "http://hub.example:8080/x?y=z", "https://h:443/"]
)


@given(URLS, st.lists(st.tuples(NAMES, TEXT), max_size=8))
def test_equals_the_official_signature(url: str, fields: list[tuple[str, str]]) -> None:
    """For any fields, repeated ones too."""
    official = RequestValidator("token").compute_signature(url, MultiDict(fields))
    assert signature("token", url, fields) == official
    assert genuine("token", url, fields, None, official)
    assert not genuine("other", url, fields, None, official)
