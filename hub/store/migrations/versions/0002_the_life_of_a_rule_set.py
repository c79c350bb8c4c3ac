"""The life of a rule set: its steps, its trial, one of each in force; what the hours said of a contact"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("state IN ('published', 'staged')")

# Who retired a set, and when, was not noted before; when it last came into force was.
STEPS_KNOWN = """
    INSERT INTO rule_set_steps (hash, state, "by", at_ms, note)
    SELECT hash, 'published', author, published_at_ms, note FROM rule_sets
    WHERE published_at_ms IS NOT NULL ORDER BY published_at_ms, hash
"""


def upgrade() -> None:
    op.create_table(
        "rule_set_steps",
        sa.Column(
            "step_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["rule_sets.hash"], name=op.f("fk_rule_set_steps_hash")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_rule_set_steps")),
    )
    op.create_index(op.f("ix_rule_set_steps_hash"), "rule_set_steps", ["hash"])
    op.execute(STEPS_KNOWN)
    op.add_column("rule_sets", sa.Column("trial", sa.Text(), nullable=True))
    op.create_index(
        "uq_rule_sets_in_force",
        "rule_sets",
        ["state"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )
    for name in ("calendar_state", "calendar_reason"):
        op.add_column("contacts", sa.Column(name, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    # An older hub knows only sets that were in force once.
    op.drop_table("rule_set_steps")
    op.drop_index("uq_rule_sets_in_force", "rule_sets")
    op.execute("DELETE FROM rule_sets WHERE published_at_ms IS NULL")
    op.execute("UPDATE rule_sets SET state = 'retired' WHERE state <> 'published'")
    op.drop_column("rule_sets", "trial")
    for name in ("calendar_state", "calendar_reason"):
        op.drop_column("contacts", name)
