"""The portal's settings as tests see them: the environment says TESTING before they are read."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

# A real file, because races are only real on one, and a folder of this run's own, because runs may overlap.
_folder = TemporaryDirectory(prefix="portal-test-", ignore_cleanup_errors=True)

os.environ.setdefault("TESTING", "1")
os.environ.setdefault("SQLITE_TEST_DATABASE", f"{_folder.name}/test.sqlite3")

from iconm_portal.settings import *  # noqa: E402, F403  (reads the variables above)

# Hashing a password slowly is for attackers; tests log in thousands of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files are served as they lie; WhiteNoise only wants the folder of the collected ones to exist.
STATIC_ROOT = Path(_folder.name) / "static"
STATIC_ROOT.mkdir()
