"""The consoles' sockets: who is connected, what each agent is shown, and the supervisors' board.

Start with `consoles.py` (publish) and `namespace.py` (what a console may say). `stream.py` is the law:
snapshot plus later events equals a fresh snapshot. Commands come over HTTP: see `hub.api`.
"""
