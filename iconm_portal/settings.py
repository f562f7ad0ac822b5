"""All settings, read from the environment. README lists the variables."""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

# --- security -----------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)


def _secret_key() -> str:
    """The key from SECRET_KEY or SECRET_KEY_FILE; development alone may do without either."""
    if key := env.str("SECRET_KEY", default=""):
        return key
    made_by_make_run = VAR_DIR / "secret_key"
    if path := env.str("SECRET_KEY_FILE", default=str(made_by_make_run) if made_by_make_run.exists() else ""):
        return Path(path).read_text().strip()
    if DEBUG or env.bool("TESTING", default=False):
        return "only-for-development-and-tests"
    raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE.")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Set HTTPS=1 behind a TLS proxy; without it cookies would never reach a plain-http evaluation server.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * env.int("SESSION_HOURS", default=10)
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing from outside, nothing inline: municipal networks are closed, and injected markup must stay dead.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # a chart's PNG download draws through both
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Uploads: evidence files are at most 20 MB each; a form carries at most one sheet of them.
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # an entry sheet of 800 indicators has about 4,000 fields
DATA_UPLOAD_MAX_NUMBER_FILES = 50
REQUEST_MAX_BYTES = 100 * 1024 * 1024  # enforced by iconm_portal.site.middleware.RequestSizeLimit

# Long work runs in background threads (iconm_portal.jobs); tests want it done when the page is there.
JOBS_INLINE = env.bool("JOBS_INLINE", default=env.bool("TESTING", default=False))

# --- the application ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "kpi.apps.KpiConfig",
    "finance.apps.FinanceConfig",
    "agreements.apps.AgreementsConfig",
    "iconm_portal.apps.PortalConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tables2",
    "django_filters",
    "axes",
]
# The agreements ask the floor above what the accounts say of a limit (agreements/support/indirect_cost.py).
INDIRECT_COST_FROM = "finance.limits.settled_amounts.indirect_cost"

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "iconm_portal.site.middleware.RequestSizeLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "iconm_portal.site.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "iconm_portal.site.middleware.KeepTypedInput",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "iconm_portal.site.middleware.OwnPasswordFirst",
    "iconm_portal.site.middleware.TimeGoesOn",
    "iconm_portal.site.sent_once.SentOnce",
    "iconm_portal.site.gone.NothingTypedIsLost",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "iconm_portal.urls"
WSGI_APPLICATION = "iconm_portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DJANGO_TABLES2_TEMPLATE = "components/table.html"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "iconm_portal.site.context.portal",
            ],
            "builtins": ["iconm_portal.display.template_tags", "iconm_portal.forms.form_tags"],
        },
    }
]

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "iconm_portal.people.auth.PortalBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ("username", "name", "email")},
        "MinimumLengthValidator": {"min_length": 12},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

# A lock is on the pair of name and address, and opens by itself: nobody else can lock a colleague out for good.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
# The client's address is the peer's: X-Forwarded-For is whatever a client writes into it.
AXES_CLIENT_IP_CALLABLE = "iconm_portal.people.auth.client_address"

# --- database -----------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # with WAL and the timeout: no "database is locked" among writers
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # Races are only real on a real file; in memory the shared cache locks differently.
    DATABASE["TEST"] = {"NAME": env.str("SQLITE_TEST_DATABASE", default=str(VAR_DIR / "test.sqlite3"))}
else:
    DATABASE["CONN_MAX_AGE"] = 60
    DATABASE["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- language and time --------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True

# --- static files -------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "iconm_portal.site.static_finder.PlotlyFinder",
]
# Hashed names need collectstatic; development and tests serve the files as they lie.
_hashed = not DEBUG and not env.bool("TESTING", default=False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # files live in the database
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _hashed
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _hashed

# --- mail ---------------------------------------------------------------------------------------
# EMAIL_URL, for example smtp+tls://user:password@mail.example.lg.jp:587; without it mails go to the log.
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="iconm-portal@localhost")
# How people reach the portal, such as https://portal.example.lg.jp: for the links in mails sent by commands.
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = 20

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
