"""The film that can be watched until a vendor's song is there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column, empty."""
    op.add_column("attempts", sa.Column("first_cut", sa.Text, nullable=True))
