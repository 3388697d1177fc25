"""Choices of the company beside those of groups, several of them in one change"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COMPANY = sa.text("group_id IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("rule_versions", schema=None) as batch_op:
        batch_op.alter_column("group_id", existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column(
            "rule",
            new_column_name="touched",
            existing_type=sa.String(length=50),
            type_=sa.Text(),
            existing_nullable=False,
        )
        batch_op.add_column(
            sa.Column("chat", sa.String(length=200), nullable=False, server_default="")
        )
    with op.batch_alter_table("rule_versions", schema=None) as batch_op:
        batch_op.alter_column("chat", existing_type=sa.String(length=200), server_default=None)
        batch_op.create_index(
            "uq_rule_versions_company",
            ["number"],
            unique=True,
            sqlite_where=_COMPANY,
            postgresql_where=_COMPANY,
        )


def downgrade() -> None:
    op.execute("DELETE FROM rule_versions WHERE group_id IS NULL")
    with op.batch_alter_table("rule_versions", schema=None) as batch_op:
        batch_op.drop_index("uq_rule_versions_company")
        batch_op.drop_column("chat")
        batch_op.alter_column(
            "touched",
            new_column_name="rule",
            existing_type=sa.Text(),
            type_=sa.String(length=50),
            existing_nullable=False,
            # What changed several things at once is known by its first.
            postgresql_using="left(split_part(touched, chr(10), 1), 50)",
        )
        batch_op.alter_column("group_id", existing_type=sa.Integer(), nullable=False)
