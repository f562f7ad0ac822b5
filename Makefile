# make run    set up and serve the portal with the reference data and the demonstration center;
#             DEMO=0 without the latter, DEMO=0 REFERENCE=0 with neither: an empty portal, and how to begin in it
# make test   set up and run the whole test suite on SQLite and on PostgreSQL (ARGS="-k scorecard" to choose)
# make verify whole lives of centers from fresh seeds, every page read back, hostile input at every door, and every
#             migration undone; minutes by VERIFY_MINUTES (10 for each database) and FUZZ_MINUTES (3), one life again by SEED=…
# make soak   on both databases: hostile input, 1,000 times at each door; workers killed, 100 times at each kind of work; and
#             SOAK_REQUESTS (100,000) requests of everybody with an eye on the memory; takes hours
# make check  linters, types, layers, migrations, catalogue, and known faults of the packages where an index can be asked
# make bench  print the benchmark's ratios
# make lock   resolve the lock files anew
# make clean  remove what was installed and built; keeps the data in var/

PORT ?= 8000
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
# People to log in as never go into a database that someone chose by name.
DEMO ?= $(if $(DATABASE_URL)$(DATABASE_URL_FILE),0,1)
# The facts of the report, iCONM's. Nothing that a database holds already goes away without them.
REFERENCE ?= 1

SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run free-port test verify soak check bench clean lock

PY := .venv/bin/python
RUNTIME := .venv/runtime.stamp
EVERYTHING := .venv/everything.stamp
CATALOGUE := locale/ja/LC_MESSAGES/django.mo
STATIC := var/static.stamp
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes

unexport DEBUG TESTING
export SECRET_KEY_FILE ?= $(CURDIR)/var/secret_key

# --- setting up ---------------------------------------------------------------------------------

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name it with PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python's venv module is needed (Debian: apt-get install python3-venv)"; exit 1; }
	@touch $@

$(RUNTIME): requirements.lock .venv/made.stamp
	@echo "Installing the packages that the portal runs on …"
	@$(PIP) -r requirements.lock
	@touch $@

$(EVERYTHING): requirements-dev.lock .venv/made.stamp
	@echo "Installing the packages that the portal runs on, and those for tests and checks …"
	@$(PIP) -r requirements-dev.lock
	@touch $(RUNTIME) $@

var/secret_key:
	@mkdir -p -m 700 var
	@umask 077; $(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))' > $@.new && mv $@.new $@

# Babel compiles it: gettext's own tools need not be there.
$(CATALOGUE): locale/ja/LC_MESSAGES/django.po iconm_portal/site/catalogue.py | $(RUNTIME) var/secret_key
	@TESTING=1 $(PY) manage.py catalogue --compile

# Compressing plotly.js takes some seconds, so only after a change.
$(STATIC): requirements.lock iconm_portal/site/static_finder.py $(shell find static -type f) | $(RUNTIME) var/secret_key
	@echo "Collecting and compressing static files …"
	@DEBUG=0 $(PY) manage.py collectstatic --no-input --verbosity 0
	@touch $@

# --- what one comes for -------------------------------------------------------------------------

free-port:
	@$(PYTHON) -m iconm_portal.work.port $(PORT)

run: free-port $(RUNTIME) $(CATALOGUE) $(STATIC) var/secret_key
	@$(PY) manage.py migrate --no-input --verbosity 0
ifeq ($(REFERENCE),1)
	@$(PY) manage.py load_reference --skip-checks
endif
ifeq ($(DEMO),1)
	@DEBUG=1 $(PY) manage.py load_demo
endif
	@echo; echo "The portal is at http://127.0.0.1:$(PORT)/ (stop it with Ctrl-C)"; echo
ifeq ($(REFERENCE)$(DEMO),00)
	@echo "To begin, make the first administrator in another terminal; the first page then leads on to organisations, center and people:"; \
	echo "  SECRET_KEY_FILE=$(SECRET_KEY_FILE) $(PY) manage.py create_administrator taro --name '山田 太郎' --organisation-name '海風市'"; echo
endif
	@export DEMONSTRATION_SERVED=$(DEMO); exec $(PY) -m iconm_portal.work.watched .venv/bin/gunicorn iconm_portal.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 12 \
	  --no-control-socket --log-level warning

test: $(EVERYTHING) $(CATALOGUE) var/secret_key
	@code=0; \
	echo "--- the suite on SQLite"; \
	env -u DATABASE_URL $(PY) -m pytest -n 2 --dist worksteal $(ARGS) || code=1; \
	echo "--- the suite on PostgreSQL"; \
	$(PY) -m tests.with_postgres $(PY) -m pytest -n 2 --dist worksteal $(ARGS) || code=1; \
	exit $$code

verify: export VERIFY_MINUTES ?= 10
verify: export SEED ?=
# Both databases are asked the same, and what they made of it is compared.
verify: export FUZZ_SEED := $(shell date +%s)
verify: export FUZZ_VERDICTS := $(CURDIR)/var/fuzz
verify: $(EVERYTHING) $(CATALOGUE) var/secret_key
	@code=0; \
	echo "--- SQLite, $(VERIFY_MINUTES) minutes"; \
	env -u DATABASE_URL $(PY) -m pytest -m verify -n 2 --dist worksteal -o faulthandler_timeout=0 $(ARGS) || code=1; \
	echo "--- PostgreSQL, $(VERIFY_MINUTES) minutes"; \
	$(PY) -m tests.with_postgres $(PY) -m pytest -m verify -n 2 --dist worksteal -o faulthandler_timeout=0 $(ARGS) || code=1; \
	exit $$code

soak: export SEED ?=
soak: export SOAK_REQUESTS ?= 100000
soak: $(EVERYTHING) $(CATALOGUE) var/secret_key
	@code=0; \
	env -u DATABASE_URL $(PY) -m pytest -m soak -o faulthandler_timeout=0 $(ARGS) || code=1; \
	$(PY) -m tests.with_postgres $(PY) -m pytest -m soak -o faulthandler_timeout=0 $(ARGS) || code=1; \
	exit $$code

# Templates are as djangofmt writes them; lines that it leaves longer than 120 are found by tests/repository/test_repository.py.
# It takes spaces between two tags of Django's for nothing, which they are not inside a line of text: write the first
# as {{ _("…") }}, or give it a name with `as`. Where even a blank would be seen, {# djangofmt: ignore[format] #} stands before.
# A blocktranslate of one line needs no `trimmed`.
check: export TESTING = 1
check: $(EVERYTHING) $(CATALOGUE) var/secret_key
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djangofmt --check --quiet templates
	.venv/bin/djangofmt check --quiet --target-version 5.2 --ignore endblock-label,untrimmed-blocktranslate templates
	$(PY) -m pytest --quiet tests/repository/test_repository.py -k test_no_line_of_a_template
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py catalogue --check
	$(PY) -m tests.dependency_audit requirements.lock requirements-sso.lock requirements-dev.lock

bench: $(EVERYTHING) $(CATALOGUE) $(STATIC) var/secret_key
	@$(PY) -m tests.bench $(ARGS)

# Needs the package index; its address is pip's own setting and is not written into the files.
lock: .venv/made.stamp
	@mkdir -p var
	@$(PYTHON) -m venv var/lock-venv
	@var/lock-venv/bin/pip --disable-pip-version-check install --quiet pip-tools
	@compile="var/lock-venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	  --no-emit-index-url --no-emit-find-links --no-emit-options"; \
	$$compile -o requirements.lock pyproject.toml && \
	$$compile --extra sso -c requirements.lock -o requirements-sso.lock pyproject.toml && \
	$$compile --extra sso --extra test --extra dev -c requirements-sso.lock -o requirements-dev.lock pyproject.toml
	@rm -rf var/lock-venv

clean:
	rm -rf .venv var/static var/static.stamp var/lock-venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f $(CATALOGUE)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
