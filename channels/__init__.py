"""Message adapters (e-mail, SMS, web chat) behind the port in `base.py`. They know nothing else of Rapport."""
