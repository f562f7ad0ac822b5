"""What a real worker process of a test sees: the test's database, kinds of work of its own, and a clock that may be wrong."""

import os
from datetime import datetime, timedelta

import time_machine

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["OPTIONS"]["timeout"] = float(os.environ.get("SQLITE_TIMEOUT", "20"))  # noqa: F405
if "OWN_NIGHTS" not in os.environ:
    NIGHTLY_WORK = ["tests.iconm_portal.work.work_of_tests"]

if hours := int(os.environ.get("CLOCK_BACK_HOURS", "0")):
    time_machine.travel(datetime.now().astimezone() - timedelta(hours=hours)).start()
