"""Web chat: visitors of a site talk to the hub over a resumable socket protocol.

Owns the visitor's token, the socket events (`namespace.py` names them all) and the limits below. The socket
only wakes and acknowledges: what was said lives with the host and is read by sequence number, so any cut,
reload or second tab ends in the same conversation. Absent: storage, routing, the agent's side, file uploads.
Start at `adapter.py`; docs/adr/0010-resumable-chat.md says why the protocol has this shape.

Limits (all answered with a code and a sentence, never with silence):

==================================  =======================================================
one message                         4,000 characters, at least one visible
pre-chat answers                    10, names 32 characters, values 200
messages of one visitor             20 in 10 s
other events of one visitor         60 in 10 s; a typing sign is passed on once in 3 s
connects and sessions of one IP     20 each in 10 s
sockets of one visitor              10 (tabs); of one account 5,000
events of one socket in work        32
one answer to `sync`                200 items
any call to the host                10 s
visitor token                       30 days, renewed by every new session
==================================  =======================================================
"""

from channels.webchat.adapter import WebChat, build
from channels.webchat.settings import Settings

__all__ = ["Settings", "WebChat", "build"]
