"""Hands one mail to the relay and says exactly how that ended.

A connection serves one mail and is closed however it ends: after a cancel or a timeout the relay's answers
would be off by one. From the moment the mail's text is on its way until the relay answers, every break is
`Uncertain` (docs/adr/0006). Composing is in compose.py.
"""

import asyncio
import contextlib
import ssl

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from channels.base import Rejected, Transient, Uncertain
from channels.email.settings import Smtp, tls_context

LOGIN_RETRY_MS = 60_000


class SmtpSender:
    """The relay of one account. `hostname` is what we call ourselves."""

    def __init__(self, settings: Smtp, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname

    async def send(self, content: bytes, sender: str, recipients: list[str]) -> tuple[str, ...]:
        """Send to all `recipients`; return those that the relay refused while it took the others.

        Raises Transient, Rejected or Uncertain.
        """
        settings = self._settings
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.timeout_s,
            use_tls=settings.tls == "implicit",
            start_tls=settings.tls == "starttls",
            tls_context=tls_context(settings.ca_file) if settings.tls != "none" else None,
            local_hostname=self._hostname,  # else a name look-up of several seconds
        )
        try:
            await self._open(client)
            refused = await self._envelope(client, sender, recipients, len(content))
            await self._data(client, content)
            with contextlib.suppress(SMTPException, OSError, TimeoutError):
                await client.quit(timeout=2)
            return refused
        finally:
            client.close()

    async def _open(self, client: SMTP) -> None:
        try:
            await client.connect()
            if self._settings.user:
                await client.login(self._settings.user, self._settings.password)
        except SMTPAuthenticationError as error:
            raise Transient(
                f"relay refused the login: {error.code} {error.message}", LOGIN_RETRY_MS
            ) from error
        except (SMTPException, OSError, TimeoutError) as error:
            for cause in (error, error.__cause__):  # aiosmtplib wraps it for TLS from the start only
                if isinstance(cause, ssl.SSLCertVerificationError):
                    said = f"relay's certificate is not trusted: {cause.verify_message}"
                    raise Transient(said, LOGIN_RETRY_MS) from error
            raise Transient(f"relay cannot be reached: {error}") from error

    async def _envelope(
        self, client: SMTP, sender: str, recipients: list[str], size_bytes: int
    ) -> tuple[str, ...]:
        """MAIL and RCPT. Nothing was sent yet, so every break is Transient."""
        refused: dict[str, SMTPResponseException] = {}
        try:
            options = [f"SIZE={size_bytes}"] if client.supports_extension("size") else []
            await client.mail(sender, options=options, encoding="ascii")
            for recipient in recipients:
                try:
                    await client.rcpt(recipient, encoding="ascii")
                except SMTPRecipientRefused as error:
                    refused[recipient] = error
        except SMTPResponseException as error:
            raise _answered(error) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise Transient(f"relay broke off: {error}") from error
        if len(refused) == len(recipients):
            # One "later" among them is worth another try: it may be the only real address.
            raise _answered(min(refused.values(), key=lambda refusal: refusal.code))
        return tuple(refused)

    async def _data(self, client: SMTP, content: bytes) -> None:
        try:
            await client.data(content)
        except SMTPResponseException as error:
            raise _answered(error) from error
        except (SMTPException, OSError, TimeoutError) as error:
            raise Uncertain(f"relay broke off before it answered: {error}") from error
        except asyncio.CancelledError:
            client.close()
            raise


def _answered(error: SMTPResponseException) -> Transient | Rejected:
    said = f"{error.code} {' '.join(error.message.split())}"[:300]
    if 400 <= error.code < 500:
        return Transient(said)
    return Rejected(said, str(error.code))
