"""SIP messages and digest authentication for the test phone in `miniua.py`."""

import hashlib
import re
import secrets

_CHALLENGE = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]*))')

Headers = list[tuple[str, str]]


class SipMessage:
    """A request or response. `start` is the first line."""

    def __init__(self, start: str, headers: Headers, body: str = "") -> None:
        self.start = start
        self.headers = headers
        self.body = body

    @classmethod
    def parse(cls, data: bytes) -> "SipMessage":
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        pairs = [
            (name.strip().lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)
        ]
        return cls(start, pairs, body)

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    @property
    def method(self) -> str:
        return "" if self.start.startswith("SIP/2.0") else self.start.split(" ", 1)[0]

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0") else 0

    def encode(self) -> bytes:
        lines = [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(
            [self.start, *lines, f"Content-Length: {len(self.body.encode())}", "", self.body]
        ).encode()


def digest(challenge: str, user: str, password: str, uri: str, method: str = "REGISTER") -> str:
    """The Authorization header that answers a WWW-Authenticate challenge (MD5, qop=auth)."""
    asked = {name: quoted or plain for name, quoted, plain in _CHALLENGE.findall(challenge)}

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    nonce, realm, cnonce = asked["nonce"], asked["realm"], secrets.token_hex(4)
    secret = md5(f"{user}:{realm}:{password}")
    answer = md5(f"{secret}:{nonce}:00000001:{cnonce}:auth:{md5(f'{method}:{uri}')}")
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", response="{answer}", '
        f'algorithm=MD5, qop=auth, nc=00000001, cnonce="{cnonce}", opaque="{asked.get("opaque", "")}"'
    )
