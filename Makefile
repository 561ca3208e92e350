PYTHON ?= python3
EXTRAS := embedded,text,openvino,vision,safety,s3,audit,tracing,dev
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help up test check format faults learn-smoke screening-artefacts bench clean

help: ## Show what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

up: $(READY) ## Start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/headrace up

test: $(READY) ## Run all tests, with coverage (ARGS="-k audit" chooses)
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered $(ARGS)

check: $(READY) ## Lint, formatting, types, schema compatibility, links in documents, cost of the hot paths
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/headrace schema check
	$(BIN)/python -m pytest -q tests/test_docs.py
	$(BIN)/python -m benchmarks.gate

format: $(READY) ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

faults: $(READY) ## Kill and freeze everything under load; the last line is JSON
	@$(BIN)/python -m tests.faults

learn-smoke: $(READY) ## Corrections in, an adapter out, served; a worse one refused
	@$(BIN)/python -m tests.learn_smoke

screening-artefacts: $(READY) ## Train the learned detectors that ship, from the corpus here (KEY= to sign with)
	@$(BIN)/python -m streams.screening.learned.shipped $(or $(KEY),.headrace/screening-key)

bench: $(READY) ## Run every benchmark, against its peers where they can be installed
	@$(BIN)/python -m benchmarks peers
	@$(BIN)/python -m benchmarks all

clean: ## Remove the environment and caches; .headrace (your data) stays
	rm -rf .venv build dist *.egg-info .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Headrace needs Python 3.11 or later as $(PYTHON); name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make environments: apt install python3-venv" >&2; exit 1; }
	@echo "Making the environment in .venv: about 7 GB and a few minutes the first time"
	@test -x $(BIN)/python -a -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt uv
	@$(BIN)/uv pip install --python $(BIN)/python -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@
