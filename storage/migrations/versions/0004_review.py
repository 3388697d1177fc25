"""Versions of a summary: sent back, published, withdrawn; and what was done to each"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("summaries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE summaries SET state = 'published' WHERE state = 'approved' AND evening_id IN"
        " (SELECT id FROM guest_sessions WHERE state = 'published')"
    )
    op.create_table(
        "summary_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("summary_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=50), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["summaries.id"], name=op.f("fk_summary_edits_summary_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary_edits")),
    )
    op.create_index(
        op.f("ix_summary_edits_summary_id"), "summary_edits", ["summary_id"], unique=False
    )
