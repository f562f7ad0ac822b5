"""WSGI entry point (gunicorn iconm_portal.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

from iconm_portal.site.checks import log_missing_guards

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iconm_portal.settings")
application = get_wsgi_application()
log_missing_guards()
