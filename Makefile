# One command each. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
ARGS ?=

# For checks that need settings and no secrets of anybody's.
CHECK_ENV = SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	MESSAGE_KEYS="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(60))')" \
	DATABASE_URL="$${DATABASE_URL:-embedded}" HTTPS=true DEBUG=false VAR_DIR=var/tests

.DEFAULT_GOAL := help
.PHONY: help run dev test bench lint format setup setup-dev clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Serve the directory on http://127.0.0.1:8000 (HOST and PORT change that)
	@exec $(RUN) -m directory.run

dev: setup-dev ## The same with auto-reload and the debug toolbar
	@DEBUG=true $(RUN) -m directory.run --dev

test: setup-dev ## The whole test suite (ARGS="-k byline" chooses)
	$(RUN) -m pytest -n 2 --dist worksteal $(ARGS)

bench: setup ## How fast it is, at 1,000 to 1,000,000 therapists (SIZES="1000 10000" chooses)
	$(RUN) -m benchmarks $(ARGS) $(SIZES)

lint: setup-dev ## Style, templates, migrations, deployment settings
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	$(CHECK_ENV) $(RUN) manage.py makemigrations --check --dry-run
	$(CHECK_ENV) $(RUN) manage.py check --deploy --fail-level WARNING

format: setup-dev ## Put Python and templates into the house style
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .
	git ls-files -z --cached --others --exclude-standard 'templates/*.html' | xargs -0 $(BIN)/djade --target-version 5.2

setup: $(VENV)/installed ## Install what running needs

setup-dev: $(VENV)/installed-dev ## Install what developing needs

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 make ...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt | $(RUN)
	@echo "Installing ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-dev.txt | $(RUN)
	@echo "Installing ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/installed

clean: ## Remove the environment (var/, with the data, stays)
	rm -rf $(VENV)
