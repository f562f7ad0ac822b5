"""The portal's settings as tests see them: the environment says TESTING before they are read."""

import os
import secrets
import tempfile
from pathlib import Path

os.environ.setdefault("TESTING", "1")
# A real file, because races are only real on one, and a folder of this run's own, because runs may overlap. Its name is
# always our own, whatever the environment says: conftest makes the folder, and takes away what it made and nothing else.
# Workers find the name in the environment.
RUN_FOLDER = Path(
    os.environ.setdefault("PORTAL_TEST_RUN", f"{tempfile.gettempdir()}/portal-test-{secrets.token_hex(8)}")
)
os.environ["SQLITE_TEST_DATABASE"] = str(RUN_FOLDER / "test.sqlite3")

from iconm_portal.settings import *  # noqa: E402, F403  (reads the variables above)

# Hashing a password slowly is for attackers; tests log in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# pytest-django keeps mails in memory.
MAIL_IS_SET = True

# Tests travel in time with people signed in; tests of how sessions end set their own limits.
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS = 100 * 366 * 24 * 60 * 60

# Static files are served as they lie; WhiteNoise only wants the folder of the collected ones to exist.
STATIC_ROOT = RUN_FOLDER / "static"
# Asked for one by one: to list them all again for every client that a test makes took a tenth of the suite.
WHITENOISE_AUTOREFRESH = True

# Durability is for data that someone wants back; the rest is as the portal has it.
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    DATABASE["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"  # noqa: F405
