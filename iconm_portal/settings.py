"""All settings, read from the environment. README lists the variables."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()

# --- security -----------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)


def _secret(name: str, default: str = "") -> str:
    """A variable that holds a key or a password, or what stands in the file that NAME_FILE names: vaults lay such files down."""
    if text := env.str(name, default=""):
        return text
    path = env.str(f"{name}_FILE", default="")
    return Path(path).read_text().strip() if path else default


def _secret_key() -> str:
    """The key from SECRET_KEY or SECRET_KEY_FILE; development alone may do without either."""
    if key := _secret("SECRET_KEY"):
        return key
    made_by_make_run = VAR_DIR / "secret_key"
    if made_by_make_run.exists():
        return made_by_make_run.read_text().strip()
    if DEBUG or env.bool("TESTING", default=False):
        return "only-for-development-and-tests"
    raise ImproperlyConfigured("Set SECRET_KEY or SECRET_KEY_FILE.")


SECRET_KEY = _secret_key()
# Keys of before, while what was encrypted or signed with them is still about: second factors for as long as they are used.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Set HTTPS=1 behind a TLS proxy; without it cookies would never reach a plain-http evaluation server.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
# A browser takes a cookie of this name only from this very host, over TLS and for every path: no neighbour under the
# same domain can put one of its own in its place.
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}django_language"
BROWSER_COOKIE_NAME = f"{_COOKIE_PREFIX}portal_browser"
MESSAGES_COOKIE_NAME = f"{_COOKIE_PREFIX}messages"
MESSAGE_STORAGE = "iconm_portal.site.message_storage.MessageStorage"
# Both are kept by iconm_portal.people.sign_in.sessions: from the login on, and from the last request on.
SESSION_COOKIE_AGE = 60 * 60 * env.int("SESSION_HOURS", default=10)
SESSION_ENGINE = "iconm_portal.people.sign_in.session_store"
SESSION_IDLE_SECONDS = 60 * env.int("SESSION_IDLE_MINUTES", default=120)
SECURE_SSL_REDIRECT = HTTPS
# Programs ask here, and would go on in the clear unnoticed if they were led on to TLS: a monitor is answered as it comes,
# a calendar is refused.
SECURE_REDIRECT_EXEMPT = [r"^health/$", r"^calendar/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# A browser maker's preload list is for sites of the open internet, and a domain's own decision.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Nothing of the machine that a page runs on is the portal's business.
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
        "xr-spatial-tracking",
    )
}

# Nothing from outside, nothing inline: municipal networks are closed, and injected markup must stay dead.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
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
# In each process; it needs more threads than these, so that reading goes on (iconm_portal.site.faults).
WRITERS_AT_ONCE = env.int("WRITERS_AT_ONCE", default=8)

# The city's virus scanner, by which every file from outside has to come (iconm_portal/forms/inspection/virus_scan.py): a command
# that gets the file on its standard input, or its path where {path} stands; it ends with 0 for clean and 1 for infected.
VIRUS_SCAN = env.str("VIRUS_SCAN", default="")
VIRUS_SCAN_SECONDS = env.float("VIRUS_SCAN_SECONDS", default=10.0)

# Long work is done by worker processes (manage.py db_worker); tests want it done when the page is there.
JOBS_AT_ONCE = env.bool("JOBS_AT_ONCE", default=env.bool("TESTING", default=False))
TASKS = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend"
        if JOBS_AT_ONCE
        else "django_tasks_db.DatabaseBackend"
    }
}
# Seconds without a sign of life after which a job is taken from its worker and given to another one.
JOB_LOST_SECONDS = env.float("JOB_LOST_SECONDS", default=30.0)
# Where the work of each night is written down (`nightly` in iconm_portal/work/kinds.py).
NIGHTLY_WORK = ["iconm_portal.work.cleanup", "iconm_portal.imports.expiring", "agreements.pages.reminding"]

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
    "allauth.account",  # the second factor's own ground; none of its addresses is taken over
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
]
# What else opens something to a person, and ends with an administrator's reset, with the account and with its return.
OTHER_WAYS_IN = ["agreements.duties.feed_actions.end"]
# The agreements ask the floor above what the accounts say of a limit (agreements/support/indirect_cost.py).
INDIRECT_COST_FROM = "finance.limits.settled_amounts.indirect_cost"

MIDDLEWARE = [
    # What every answer carries stands outermost: refusals, redirects and static files are answers too.
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "iconm_portal.site.middleware.EveryAnswer",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "iconm_portal.site.middleware.RequestSizeLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "iconm_portal.site.middleware.ChosenLanguage",
    "iconm_portal.site.middleware.NegativesAsUsual",
    "iconm_portal.site.faults.WritersWaitOutside",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "iconm_portal.people.sign_in.sessions.SessionLimits",
    "iconm_portal.people.sign_in.refused.RefusalsAreLogged",
    "iconm_portal.site.middleware.NothingKept",
    "iconm_portal.site.middleware.KeepTypedInput",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "iconm_portal.site.middleware.OwnPasswordFirst",
    "iconm_portal.site.middleware.SecondFactorFirst",
    "iconm_portal.site.middleware.ScannedFilesNoted",
    "iconm_portal.site.middleware.TimeGoesOn",
    "iconm_portal.site.sent_once.SentOnce",
    "iconm_portal.site.gone.NothingTypedIsLost",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "iconm_portal.site.middleware.KeptByTheDatabase",
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
    }.items()
] + [{"NAME": "iconm_portal.people.sign_in.passwords.NotGuessable"}]
# Argon2 for new passwords; one that was hashed by PBKDF2 is hashed anew when its owner next logs in with it.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
# People of the demonstration have a password that everybody can read: they get in where the demonstration itself is served.
DEMONSTRATION_SERVED = env.bool("DEMONSTRATION_SERVED", default=DEBUG or env.bool("TESTING", default=False))
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

# Second factors: allauth keeps and reckons them; pages, limits and records are the house's (iconm_portal/people/second_factor).
MFA_ADAPTER = "iconm_portal.people.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# Half minutes before and after in which a code is still good, for clocks of telephones; 0 asks for right clocks and quick people.
MFA_TOTP_TOLERANCE = env.int("CODE_TOLERANCE", default=1)
ACCOUNT_EMAIL_VERIFICATION = "none"
# Codes of the roles whose people need one, such as administrator,auditor (iconm_portal.models.Role).
SECOND_FACTOR_FOR = env.list("SECOND_FACTOR_FOR", default=[])

# Providers of single sign-on (OpenID Connect), by codes of ours: SIGN_ON=city,foundation, and of each SIGN_ON_CITY_ISSUER, …
# Without any there is nothing of it, and the extra `sso` need not be installed.


def _sign_on(code: str) -> dict[str, Any]:
    """What the environment says of one provider; its issuer and client must be there."""
    name = f"SIGN_ON_{code.upper().replace('-', '_')}"
    path = env.str(f"{name}_CLIENT_SECRET_FILE", default="")
    return {
        "name": env.str(f"{name}_NAME", default=code),
        "issuer": env.str(f"{name}_ISSUER"),
        "client_id": env.str(f"{name}_CLIENT_ID"),
        "client_secret": Path(path).read_text().strip() if path else env.str(f"{name}_CLIENT_SECRET"),
        # Where a provider leads on to another one while somebody signs in: browsers hold the login form to these.
        "form_origins": tuple(env.list(f"{name}_FORM_ORIGINS", default=[])),
    }


SIGN_ON = {code: _sign_on(code) for code in env.list("SIGN_ON", default=[])}
# Whether who signs in by one is asked for the portal's second factor too, where they have one.
SIGN_ON_SECOND_FACTOR = env.bool("SIGN_ON_SECOND_FACTOR", default=True)

# A pause is by name and by address, never for a browser of the holder's own, and opens by itself.
AXES_HANDLER = "iconm_portal.people.sign_in.lockout.Lockout"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = "iconm_portal.people.sign_in.lockout.counted_by"
AXES_USERNAME_CALLABLE = "iconm_portal.people.sign_in.lockout.counted_name"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
# How many proxies of one's own stand before the portal, and their addresses: each adds one entry to X-Forwarded-For,
# and what stands before those entries is whatever a client wrote.
PROXY_COUNT = env.int("PROXY_COUNT", default=0)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
# What axes would log is in the audit (iconm_portal.people.sign_in.audit), without what was typed.
AXES_DISABLE_ACCESS_LOG = True
# Of what was typed with a failure nothing is kept that opens anything.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "credential"]
AXES_CLIENT_IP_CALLABLE = "iconm_portal.people.auth.client_address"

# --- database -----------------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(_secret("DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"))}
DATABASE = DATABASES["default"]
# PostgreSQL: the role to which the tables belong, where that is not the one that serves (iconm_portal/history/owner.py).
_migrate_url = _secret("MIGRATE_DATABASE_URL")
MIGRATE_DATABASE = env.db_url_config(_migrate_url) if _migrate_url else {}
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    DATABASE["ENGINE"] = "iconm_portal.site.sqlite3"  # the same, with a private file
    DATABASE["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # with WAL and the timeout: no "database is locked" among writers
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # Races are only real on a real file; in memory the shared cache locks differently.
    DATABASE["TEST"] = {"NAME": env.str("SQLITE_TEST_DATABASE", default=str(VAR_DIR / "test.sqlite3"))}
else:
    DATABASE["CONN_HEALTH_CHECKS"] = True
    # A server that is switched off answers nothing at all: the driver would wait for minutes, and threads with it.
    DATABASE.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# On SQLite too: to open it is to read all its triggers, and who closes it last tidies the file up. That costs more than a page.
DATABASE["CONN_MAX_AGE"] = 60
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
# Nobody else's page has to read them.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- mail ---------------------------------------------------------------------------------------
# EMAIL_URL, for example smtp+tls://user:password@mail.example.lg.jp:587; without it there is no mail, and what would go
# out by mail says so: nothing that opens an account is written into a log.
_mail_url = _secret("EMAIL_URL")
MAIL_IS_SET = bool(_mail_url)
vars().update(env.email_url_config(_mail_url or "dummymail://"))
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="iconm-portal@localhost")
# How people reach the portal, such as https://portal.example.lg.jp: for the links in mails sent by commands.
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/")
EMAIL_SUBJECT_PREFIX = ""
EMAIL_TIMEOUT = 20

# The audit as lines of JSON to the syslog of the city, such as syslog.example.lg.jp:514; without it, in the database alone.
SYSLOG = env.str("SYSLOG", default="")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        }
    },
    "filters": {
        "once_in_a_while": {"()": "iconm_portal.site.faults.OnceInAWhile"},
        "without_secrets": {"()": "iconm_portal.people.sign_in.secret_parts.WithoutSecrets"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["once_in_a_while"],
        }
    },
    "loggers": {"django.request": {"filters": ["without_secrets"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
if SYSLOG:
    _host, _, _port = SYSLOG.rpartition(":")
    LOGGING["handlers"]["syslog"] = {
        "class": "logging.handlers.SysLogHandler",
        "address": (_host, int(_port)),
        "facility": "auth",
    }
    LOGGING["loggers"]["iconm_portal.audit"] = {"handlers": ["syslog"], "level": "INFO", "propagate": False}
