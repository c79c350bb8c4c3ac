"""The hub over HTTP: commands and questions of staff pages, operations, the pages themselves.

Start with `app.py` (what is mounted) and `layer.py` (what every endpoint gets: authentication, typed bodies,
problem+json, idempotency). What agents may do is decided in `hub.desk`; what they may see in `access.py`.
"""
