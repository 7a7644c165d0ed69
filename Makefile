# Two commands: `make demo` and `make test`. Both set up what they need in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test e2e lint types imports bench clean

demo: $(VENV)/.ready
	$(BIN)/transire generate

test: $(VENV)/.ready
	$(BIN)/pytest -n auto

# Against a real API server: of KUBEBUILDER_ASSETS, or built once where Go is on PATH (10 minutes).
e2e: $(VENV)/.ready
	PYTHONPATH=tests $(BIN)/python -m support.e2e.programs
	$(BIN)/pytest tests/e2e

lint: $(VENV)/.ready
	$(BIN)/ruff format --check generator tests bench
	$(BIN)/ruff check generator tests bench

types: $(VENV)/.ready
	$(BIN)/mypy

imports: $(VENV)/.ready
	$(BIN)/lint-imports

bench: $(VENV)/.ready
	$(BIN)/pytest bench/bench_*.py --benchmark-only

clean:
	rm -rf $(VENV)

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "transire needs Python 3.11 or later: set PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
