"""The Asterisk configuration that we ship: `templates/`, filled in by `render`."""

from telephony.asterisk.render import AsteriskSettings, Phone, render

__all__ = ["AsteriskSettings", "Phone", "render"]
