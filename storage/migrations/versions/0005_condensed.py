"""Points that a language model made"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "condensed",
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_condensed_evening_id")
        ),
        sa.PrimaryKeyConstraint("evening_id", name=op.f("pk_condensed")),
    )
