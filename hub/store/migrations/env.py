"""Alembic's entry: runs the revisions on the connection that `hub.store.migrate` opened, and nothing else.

There is no offline mode and no URL here: a migration is part of the program, not of a deployment script.
"""

from typing import Any, Literal

from alembic import context

from hub.store.tables import Json, metadata


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types as the plain ones they are stored in, so that revisions never import us."""
    if kind == "type" and isinstance(item, Json):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render,
    # SQLite changes a column by copying its table. A copy drops triggers: a revision that touches a table
    # which has some must create them again.
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
