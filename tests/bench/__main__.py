"""make bench: everything as in production (DEBUG off, hashed and compressed static files), on a throw-away database.

It prints ratios, because milliseconds of one machine say nothing about another.
"""

import importlib
import os
import secrets
import tempfile

import django

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        for name in ("TESTING", "DEBUG"):
            os.environ.pop(name, None)
        os.environ.update(
            SECRET_KEY=secrets.token_urlsafe(50),
            DATABASE_URL=f"sqlite:///{folder}/bench.sqlite3",
            DJANGO_SETTINGS_MODULE="iconm_portal.settings",
            ALLOWED_HOSTS="127.0.0.1,testserver",
        )
        django.setup()
        importlib.import_module("tests.bench.run").main()
