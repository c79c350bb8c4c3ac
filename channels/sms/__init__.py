"""SMS through a Twilio-shaped provider: signed webhook in, REST out, delivery reports.

Knows nothing of customers, routing or storage. Start at adapter.py. Whether a customer may be texted is the
hub's to decide; this adapter only says when a message withdraws consent (consent.py).
"""

from channels.base import Host
from channels.sms.adapter import SmsAdapter
from channels.sms.segments import Segmentation, segmented
from channels.sms.settings import Settings

__all__ = ["Segmentation", "Settings", "build", "segmented"]


def build(settings: Settings, host: Host) -> SmsAdapter:
    """One account. Opens nothing until `send`."""
    return SmsAdapter(settings, host)
