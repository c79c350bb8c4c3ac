"""Message adapters (e-mail, SMS, web chat) behind the port in `base.py`; they know no more of Rapport."""
