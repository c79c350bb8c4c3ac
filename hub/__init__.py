"""The hub: composes routing, channels and telephony with storage, consoles and HTTP.

Start at `bootstrap.py`.
"""
