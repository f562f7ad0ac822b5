"""What the portal says about its surroundings when it starts."""

import sqlite3
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

SQLITE_WAL_FIXED_IN = (3, 51, 3)


def sqlite_is_for_one_office(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """SQLite before 3.51.3 can, rarely, corrupt a WAL database under concurrent checkpoints."""
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if not on_sqlite or settings.DEBUG or sqlite3.sqlite_version_info >= SQLITE_WAL_FIXED_IN:
        return []
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} has a rare WAL corruption bug (fixed in 3.51.3).",
            hint="Fine for evaluation and one small office; set DATABASE_URL to PostgreSQL for more.",
            id="portal.W001",
        )
    ]
