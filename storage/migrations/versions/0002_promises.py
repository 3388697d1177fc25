"""Promises kept, and rules that owners can trust: what both need"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "abilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_abilities")),
        sa.UniqueConstraint("place", "name", name=op.f("uq_abilities_place")),
    )
    op.create_table(
        "days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("off", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_days")),
    )
    op.create_table(
        "notices",
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_notices")),
    )
    op.create_table(
        "paces",
        sa.Column("platform", sa.String(length=20), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_paces")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_channels_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_channels_name")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("came", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_consents_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_chat"), ["chat", "member"], unique=False)
        batch_op.create_index(batch_op.f("ix_consents_shown"), ["shown"], unique=False)

    op.create_table(
        "group_sizes",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("split", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_sizes_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_sizes")),
    )
    op.create_table(
        "health_days",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_health_days_group_id")),
        sa.PrimaryKeyConstraint("group_id", "day", name=op.f("pk_health_days")),
    )
    op.create_table(
        "health_talk",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("who", sa.String(length=130), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_health_talk_group_id")),
        sa.PrimaryKeyConstraint("group_id", "day", "who", name=op.f("pk_health_talk")),
    )
    op.create_table(
        "health_weeks",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("speakers", sa.Integer(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("told", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_health_weeks_group_id")),
        sa.PrimaryKeyConstraint("group_id", "week", name=op.f("pk_health_weeks")),
    )
    op.create_table(
        "join_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("flag", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("told", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_join_requests_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_requests")),
    )
    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_requests_chat"), ["chat", "member"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_join_requests_group_id"), ["group_id", "state"], unique=False
        )

    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_lessons_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
    )
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lessons_group_id"), ["group_id", "rule"], unique=False)

    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("was", sa.String(length=12), nullable=False),
        sa.Column("now", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_moves_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moves")),
    )
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_moves_delivery_id"), ["delivery_id"], unique=False)

    op.create_table(
        "quarrels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("one", sa.String(length=100), nullable=False),
        sa.Column("other", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_quarrels_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarrels")),
    )
    with op.batch_alter_table("quarrels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarrels_chat"), ["chat", "at"], unique=False)

    op.create_table(
        "raids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_raids_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raids")),
    )
    with op.batch_alter_table("raids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_raids_group_id"), ["group_id"], unique=False)

    op.create_table(
        "slowed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spoke", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_slowed_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slowed")),
    )
    with op.batch_alter_table("slowed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slowed_chat"), ["chat", "until"], unique=False)

    op.create_table(
        "audiences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("joint", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_audiences_channel_id")
        ),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_audiences_evening_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_audiences_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audiences")),
        sa.UniqueConstraint("evening_id", "channel_id", name="uq_audiences_channel"),
        sa.UniqueConstraint("evening_id", "group_id", name=op.f("uq_audiences_evening_id")),
    )
    op.create_table(
        "codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=1), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("issued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_codes_evening_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_codes")),
    )
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_codes_evening_id"), ["evening_id"], unique=False)

    op.create_table(
        "evening_revisions",
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("guest", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("starts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_evening_revisions_evening_id")
        ),
        sa.PrimaryKeyConstraint("evening_id", "number", name=op.f("pk_evening_revisions")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=150), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_feedback_evening_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("evening_id", "who", name=op.f("uq_feedback_evening_id")),
    )
    op.create_table(
        "invites",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_invites_evening_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_invites_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("code", name=op.f("uq_invites_code")),
        sa.UniqueConstraint("evening_id", "group_id", name=op.f("uq_invites_evening_id")),
    )
    op.create_table(
        "join_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["join_requests.id"], name=op.f("fk_join_audit_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_audit")),
    )
    with op.batch_alter_table("join_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_audit_request_id"), ["request_id"], unique=False)

    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=150), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_marks_evening_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sa.UniqueConstraint("evening_id", "who", name=op.f("uq_marks_evening_id")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evening_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("chat", sa.String(length=200), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message", sa.String(length=100), nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["guest_sessions.id"], name=op.f("fk_questions_evening_id")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_questions_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("evening_id", "number", name=op.f("uq_questions_evening_id")),
        sa.UniqueConstraint("event_key", name=op.f("uq_questions_event_key")),
    )
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_chat"), ["chat", "message"], unique=False)

    op.create_table(
        "code_tries",
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=150), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code_id"], ["codes.id"], name=op.f("fk_code_tries_code_id")),
        sa.PrimaryKeyConstraint("code_id", "who", name=op.f("pk_code_tries")),
    )
    op.create_table(
        "health_questions",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_health_questions_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_health_questions_group_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_health_questions")),
    )
    with op.batch_alter_table("health_questions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_health_questions_group_id"), ["group_id"], unique=False
        )

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("target", sa.String(length=150), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("slot", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_deliveries_chat", ["chat", "done"], unique=False)
    op.execute("UPDATE deliveries SET slot = due")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.alter_column("slot", nullable=False)

    with op.batch_alter_table("evening_changes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("final", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("guest_sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("contact", sa.String(length=100), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("standby", sa.String(length=100), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("standby_account", sa.String(length=100), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("mystery", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("hint", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("reveal", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("hush", sa.String(length=10), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("poster", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("confirmed", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("arrived", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("extended", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("announce_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("successor_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_guest_sessions_successor_id"), "guest_sessions", ["successor_id"], ["id"]
        )

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("about", sa.String(length=100), nullable=False, server_default="")
        )

    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chat_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("code", sa.String(length=3), nullable=True))
        batch_op.add_column(
            sa.Column("name", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("message", sa.String(length=100), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("state", sa.String(length=10), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("decided_by", sa.String(length=200), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("decided", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("appeal", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("appealed", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("answered", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_strikes_chat", ["chat_id", "at"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_strikes_group_id"), ["group_id", "code"])
        batch_op.create_foreign_key(batch_op.f("fk_strikes_chat_id"), "chats", ["chat_id"], ["id"])

    _fill()


def _fill() -> None:
    """Evenings as they stand are what people were told; a post's target is the end of its key."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text("SELECT id, revision, guest, topic, starts, ends FROM guest_sessions")
    ).all()
    for row in rows:
        for number in range(1, row.revision + 1):
            connection.execute(
                sa.text(
                    "INSERT INTO evening_revisions (evening_id, number, guest, topic, starts, ends)"
                    " VALUES (:evening, :number, :guest, :topic, :starts, :ends)"
                ),
                {"evening": row.id, "number": number, **row._mapping},
            )
    keys = sa.text("SELECT id, key FROM deliveries WHERE cause LIKE 'evening:%'")
    for row in connection.execute(keys).all():
        target = row.key.split("/")[3] if row.key.count("/") >= 3 else ""
        connection.execute(
            sa.text("UPDATE deliveries SET target = :target WHERE id = :id"),
            {"target": target, "id": row.id},
        )


def downgrade() -> None:
    with op.batch_alter_table("strikes", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_strikes_chat_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_strikes_group_id"), type_="unique")
        batch_op.drop_index("ix_strikes_chat")
        batch_op.drop_column("answered")
        batch_op.drop_column("answer")
        batch_op.drop_column("appealed")
        batch_op.drop_column("appeal")
        batch_op.drop_column("decided")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("state")
        batch_op.drop_column("message")
        batch_op.drop_column("name")
        batch_op.drop_column("code")
        batch_op.drop_column("chat_id")

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_column("about")

    with op.batch_alter_table("guest_sessions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_guest_sessions_successor_id"), type_="foreignkey")
        batch_op.drop_column("successor_id")
        batch_op.drop_column("announce_on")
        batch_op.drop_column("extended")
        batch_op.drop_column("sealed")
        batch_op.drop_column("arrived")
        batch_op.drop_column("confirmed")
        batch_op.drop_column("poster")
        batch_op.drop_column("hush")
        batch_op.drop_column("reveal")
        batch_op.drop_column("hint")
        batch_op.drop_column("mystery")
        batch_op.drop_column("standby_account")
        batch_op.drop_column("standby")
        batch_op.drop_column("contact")

    with op.batch_alter_table("evening_changes", schema=None) as batch_op:
        batch_op.drop_column("final")

    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("ix_deliveries_chat")
        batch_op.drop_column("slot")
        batch_op.drop_column("target")

    with op.batch_alter_table("health_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_health_questions_group_id"))

    op.drop_table("health_questions")
    op.drop_table("code_tries")
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_questions_chat"))

    op.drop_table("questions")
    op.drop_table("marks")
    with op.batch_alter_table("join_audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_audit_request_id"))

    op.drop_table("join_audit")
    op.drop_table("invites")
    op.drop_table("feedback")
    op.drop_table("evening_revisions")
    with op.batch_alter_table("codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_codes_evening_id"))

    op.drop_table("codes")
    op.drop_table("audiences")
    with op.batch_alter_table("slowed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slowed_chat"))

    op.drop_table("slowed")
    with op.batch_alter_table("raids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_raids_group_id"))

    op.drop_table("raids")
    with op.batch_alter_table("quarrels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarrels_chat"))

    op.drop_table("quarrels")
    with op.batch_alter_table("moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moves_delivery_id"))

    op.drop_table("moves")
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lessons_group_id"))

    op.drop_table("lessons")
    with op.batch_alter_table("join_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_join_requests_group_id"))
        batch_op.drop_index(batch_op.f("ix_join_requests_chat"))

    op.drop_table("join_requests")
    op.drop_table("health_weeks")
    op.drop_table("health_talk")
    op.drop_table("health_days")
    op.drop_table("group_sizes")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_shown"))
        batch_op.drop_index(batch_op.f("ix_consents_chat"))

    op.drop_table("consents")
    op.drop_table("channels")
    op.drop_table("paces")
    op.drop_table("notices")
    op.drop_table("days")
    op.drop_table("abilities")
