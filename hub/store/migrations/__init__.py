"""The schema's history as Alembic revisions; packaged with the code, so a wheel is complete."""
