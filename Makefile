# Two commands first: `make demo` shows everything, `make check` tells whether a change is good.
# Needs Python 3.11-3.13 and Node >= 20 on the PATH, nothing else. PYTHON=... chooses another interpreter.

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
CANDIDATES := python3 python3.13 python3.12 python3.11
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(SUPPORTED)' 2>/dev/null && echo $$p && break; done)

BIN := .venv/bin
UV_VERSION := 0.13.9
# The environment is stamped with the hash of what went into it, so that a changed lock is noticed and a touched file is not.
INPUTS := $(wildcard requirements.txt sdk/pyproject.toml)
STAMP := .venv/.installed-$(shell cat $(INPUTS) | sha256sum | cut -c1-16)

CODE := functions servable cdk sdk local tests examples benchmarks app.py
TYPED := functions cdk sdk
HERE = $(wildcard $(1))
FAST = $(call HERE,tests/infra tests/unit tests/contract tests/budget)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help venv demo up down purge status prepare test test-local test-containers test-servable test-slow test-cloud check lint format types proto lock bench ui clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14 | sed 's/^/  make /'

$(STAMP):
	@test -n "$(PYTHON)" || { echo "Dewpoint needs Python 3.11, 3.12 or 3.13 on the PATH (or make PYTHON=/path/to/python)" >&2; exit 1; }
	@$(PYTHON) -c '$(SUPPORTED)' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1); Dewpoint needs Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@echo "installing the development environment in .venv (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	@test ! -f sdk/pyproject.toml || $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e sdk
	@rm -f .venv/.installed-*
	@touch $@

venv: $(STAMP) ## make or refresh .venv

demo: $(STAMP) ## start the local cloud and take the tour: a model, an application, a checked prediction
	@$(BIN)/python -m local.machine demo

up: $(STAMP) ## start what is missing, deploy, wait until healthy, print the addresses
	@$(BIN)/python -m local.machine up

down: $(STAMP) ## stop every process of this local cloud and nothing else
	@$(BIN)/python -m local.machine down

purge: $(STAMP) ## down, and forget the state, images and logs as well
	@$(BIN)/python -m local.machine down --purge

status: $(STAMP) ## show the processes and addresses
	@$(BIN)/python -m local.machine status

prepare: $(STAMP) ## install the tools of the local cloud without starting it
	@$(BIN)/python -m local.machine prepare

check: lint types $(STAMP) ## the gate: format, lint, types, import rules, fast tests; no network, about a minute
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q -n auto -m "not slow" $(FAST)

lint: $(STAMP) ## ruff: format and rules
	@$(BIN)/ruff format --check $(call HERE,$(CODE))
	@$(BIN)/ruff check $(call HERE,$(CODE))

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy --strict $(call HERE,$(TYPED))

format: $(STAMP) ## let ruff format and repair
	@$(BIN)/ruff format $(call HERE,$(CODE))
	@$(BIN)/ruff check --fix $(call HERE,$(CODE))

test: check test-slow test-servable test-local test-containers test-cloud ## check, then everything that starts real processes

test-slow: $(STAMP) ## what computes for seconds: cfn-lint, every call against its role, properties on many examples
	@$(BIN)/python -m pytest -q -n auto -m "slow or hypothesis" --hypothesis-profile=many $(FAST)

test-servable: $(STAMP) ## the servable and the examples with real models
	@$(BIN)/python -m pytest -q --hypothesis-profile=many $(call HERE,tests/servable tests/examples)

test-local: $(STAMP) ## the local cloud's own tests
	@emulator=$$($(BIN)/python -m local.machine prepare --print emulator-python) && \
	  DEWPOINT_EMULATOR_PYTHON=$$emulator $(BIN)/python -m pytest -q --ignore local/tests/containers $(call HERE,local/tests)

test-containers: $(STAMP) ## real containers, where root can install a container engine from Debian; elsewhere it says why not
	@emulator=$$($(BIN)/python -m local.machine prepare --print emulator-python) && \
	  DEWPOINT_EMULATOR_PYTHON=$$emulator $(BIN)/python -m pytest -q $(call HERE,local/tests/containers)

test-cloud: $(STAMP) ## the whole platform on a local cloud of the tests' own
	@DEWPOINT_STATE=local/.state/test $(BIN)/python -m pytest -q $(call HERE,tests/e2e tests/integration)

openapi: $(STAMP) ## write docs/openapi.json again, after a change of the API
	@$(BIN)/python -m cdk.openapi

proto: $(STAMP) ## regenerate the code for proto/*.proto
	@$(BIN)/python -m grpc_tools.protoc -I proto --python_out=functions/adapters/pb --pyi_out=functions/adapters/pb proto/open_inference.proto proto/legacy_gateway.proto
	@$(BIN)/python -m grpc_tools.protoc -I proto --python_out=servable/pb --pyi_out=servable/pb --grpc_python_out=servable/pb proto/open_inference.proto
	@sed -i 's/^import open_inference_pb2 as/from . import open_inference_pb2 as/' servable/pb/open_inference_pb2_grpc.py

lock: $(STAMP) ## resolve every lock again from its .in file
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --exclude-newer 2026-02-27 --no-emit-index-url --no-annotate local/requirements.in -o local/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-annotate local/lambda-runtime.in -o local/lambda-runtime.txt
	@npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

bench: $(STAMP) ## run the benchmarks
	@for script in $(sort $(wildcard benchmarks/*/run.py)); do PYTHONPATH=. $(BIN)/python $$script || exit 1; done

ui: ## build the web UI
	@if [ -f ui/package.json ]; then npm --prefix ui ci --no-audit --no-fund && npm --prefix ui run build; else echo "the web UI is not part of this version yet"; fi

clean: ## remove what can be made again (not the local cloud's state)
	@rm -rf build cdk.out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . \( -path ./.venv -o -path ./node_modules -o -path ./local/.state -o -path ./.git \) -prune -o -name __pycache__ -type d -exec rm -rf {} +
