# The README's two commands are `make demo` and `make test`. Each makes .venv when it is absent or out of date.
# A fresh machine needs Python 3.11 or newer with its venv module, make and nothing else.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PEERS := .venv-bench
PEERS_STAMP := $(PEERS)/.installed
CODE := src tests bench migrations hatch_build.py
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# Compiled code is kept, whatever the habit of the machine: the tests start processes by the dozen.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve test test-slow lint format docs openapi lock clean bench-night bench-load bench-quality bench-lists bench-speed bench-exchange bench-peers

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## a fictional case base in a throw-away database, one night, the best suggestions with reasons
	@$(BIN)/tracing demo

serve: $(STAMP) ## the service on this machine; after `make demo` with the demo's accounts
	@$(BIN)/tracing serve

test: $(STAMP) ## the test suite without the slow part, on SQLite and, where it matters, on a PostgreSQL of its own
	@$(BIN)/python -m pytest -n 2 -m "not slow"

test-slow: $(STAMP) ## the slow part: long runs, the whole matrix, every room on PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

lint: $(STAMP) ## formatting rules, types and import contracts
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy $(CODE)
	@$(BIN)/lint-imports --no-cache > $(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }
	@tail -n 2 $(VENV)/imports.log

format: $(STAMP) ## rewrite the sources to the formatting rules
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

bench-night: $(STAMP) ## how long a night takes: PERSONS=5000 DATABASE=sqlite|postgresql
	@PYTHONPATH=. $(BIN)/python bench/night.py --persons $(or $(PERSONS),5000) --database $(or $(DATABASE),sqlite)

bench-load: $(STAMP) ## requests per second and p95 beside the bare framework: DATABASE=sqlite|postgresql
	@PYTHONPATH=. $(BIN)/python bench/load.py --database $(or $(DATABASE),sqlite)

# What the engine and its peers find. DATA is the folder of the development halves, outside the project: its rows
# never enter. Words for the rest: ONLY=hard_pairs,tr PEERS_ONLY=splink,wratio ENGINE_ONLY=1 (see bench/quality).
bench-quality: $(STAMP) $(if $(ENGINE_ONLY),,$(PEERS_STAMP)) ## the engine beside its peers: DATA=../shared/data ONLY=task,... ENGINE_ONLY=1
	@PYTHONPATH=. $(BIN)/python -m bench.quality --data $(or $(DATA),../shared/data) \
		$(if $(ONLY),--only $(ONLY)) $(if $(PEERS_ONLY),--peers $(PEERS_ONLY)) $(if $(ENGINE_ONLY),--engine-only)

bench-lists: $(STAMP) $(PEERS_STAMP) ## the wall of match-lists on 20,000 x 20,000 persons, Splink's beside it
	@PYTHONPATH=. $(BIN)/python -m bench.quality.lists20k

bench-speed: $(STAMP) ## reading and comparing per second, start and memory of the engine
	@PYTHONPATH=. $(BIN)/python bench/speed.py

bench-exchange: $(STAMP) ## messages/s between societies online and by bundle, and what a flood costs: DATABASE=sqlite|postgresql, else both
	@PYTHONPATH=src:. $(BIN)/python -W 'ignore:Using `httpx`' bench/exchange.py $(if $(DATABASE),--database $(DATABASE))

bench-peers: $(PEERS_STAMP) ## the peers' environment; PyICU in it needs a C++ compiler, pkg-config and ICU's headers

docs: $(STAMP) ## write the pages that are made from the code
	@$(BIN)/python -m tests.house.settings_page
	@$(BIN)/python -m tests.house.states_page
	@$(BIN)/python -m tests.house.family_page

openapi: $(STAMP) ## write the contracts of the API and of the exchange to openapi/
	@$(BIN)/tracing openapi
	@$(BIN)/tracing exchange schema

lock: ## resolve the dependencies again; needs uv
	uv lock -q
	uv export --locked --no-emit-project --all-extras --all-groups --no-group bench -q > requirements.lock
	uv export --locked --no-emit-project --only-group bench -q > requirements-bench.lock

clean: ## throw away everything that make made
	rm -rf $(VENV) $(PEERS) var build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Written last, so an interrupted installation is taken up again by the next call.
$(STAMP): requirements.lock pyproject.toml hatch_build.py
	@set -e; \
	enough='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'; \
	if ! $(BIN)/python -c "$$enough" >/dev/null 2>&1; then \
		found=; \
		for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
			if $$candidate -c "$$enough" >/dev/null 2>&1; then found=$$candidate; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "tracing needs Python 3.11 or newer with its venv module (on Debian: python3-venv)." >&2; \
			echo "None of $(PYTHON) python3.13 python3.12 python3.11 python3 is one; name yours: make PYTHON=/path/to/python" >&2; \
			exit 1; \
		fi; \
		echo "making $(VENV) with $$($$found --version)"; \
		rm -rf $(VENV); \
		$$found -m venv $(VENV); \
	fi; \
	echo "installing the locked dependencies (once, about a minute)"; \
	$(BIN)/python -m pip install -q --require-hashes -r requirements.lock; \
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .; \
	touch $(STAMP)

# The peers never enter the product's environment. Downloads are built where no wheel exists (PyICU).
$(PEERS_STAMP): requirements-bench.lock $(STAMP)
	@echo "installing the locked peers (once, some minutes)"
	@rm -rf $(PEERS)
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -q --require-hashes -r requirements-bench.lock
	@touch $@
