# `make demo` shows the example, `make check` is what to run while working, `make test` is all tests.
# Each sets up what it needs in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SOURCES := generator tests bench

# What writes pages.
DOCS := tests/engines/test_capability_table.py tests/commands/test_rules.py tests/values/test_manual.py

# Neighbouring tests share what they set up, so workers begin far apart and help out at the end.
PYTEST := $(BIN)/pytest -n auto --dist worksteal

FUZZ := PYTHONPATH=tests $(BIN)/python -m support.fuzz
SCALE := PYTHONPATH=bench $(BIN)/python -m scale
WITH_CRDS = $(foreach each,$(CRDS),--crds $(each))

# Tests start the program many times, which need not be compiled each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo check test test-fast mutants e2e faults fuzz fuzz-planted lint types imports format golden docs bench \
  bench-quick bench-parts clean

demo: $(VENV)/.ready
	$(BIN)/transire generate

check: lint types imports test-fast

test: $(VENV)/.ready
	$(PYTEST)

# What is left out is named at the end.
test-fast: $(VENV)/.ready
	$(PYTEST) -m "not slow"

# Every single change of the charts' templates and data: what notices it, or why nothing has to.
# `MUTANTS=egress-tier` runs those of one chart or file, and names the equivalent ones, too.
mutants: $(VENV)/.ready
	PYTHONPATH=tests $(BIN)/python -m support.mutants $(MUTANTS)

# Against a real API server: of KUBEBUILDER_ASSETS, or built once where Go is on PATH (10 minutes).
# One at a time for each worker; the last line says what was skipped and how to have it run.
e2e: $(VENV)/.ready
	PYTHONPATH=tests $(BIN)/python -m support.e2e.programs
	$(BIN)/pytest -n 2 --dist loadgroup tests/e2e

# Every command that writes, killed and refused by its disk at 50 points, and run again (an hour).
faults: $(VENV)/.ready
	$(PYTEST) tests/faults

# Everything that reads what somebody else wrote, for ten minutes; what is found is printed.
fuzz: $(VENV)/.fuzz
	$(FUZZ) --seconds 600

# A defect for each of the targets, which it has to find within as long.
fuzz-planted: $(VENV)/.fuzz
	$(FUZZ) --seconds 600 --planted

lint: $(VENV)/.ready
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)

types: $(VENV)/.ready
	$(BIN)/mypy

imports: $(VENV)/.ready
	$(BIN)/lint-imports

format: $(VENV)/.ready
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Both rewrite files that tests compare with; look at the difference before you commit.
golden: $(VENV)/.ready
	$(PYTEST) --update-golden

docs: $(VENV)/.ready
	$(BIN)/pytest -q --update-golden $(DOCS)

# Every verb at 10 to 10,000 teams, beside Helm piped to a validator, and then how far the ratios hold
# on one core and on all: an hour, kept in bench/results. `CRDS` names files or folders of upstream's
# definitions, which kubeconform validates by.
bench: $(VENV)/.bench
	$(SCALE) $(WITH_CRDS)
	$(SCALE) --ratios --sizes 1000 --name ratios $(WITH_CRDS)

# The same at two small sizes, in a minute; kept in .benchmarks.
bench-quick: $(VENV)/.bench
	$(SCALE) --sizes 10,50 --often 1 --sample 20 --write .benchmarks $(WITH_CRDS)

# The parts by themselves.
bench-parts: $(VENV)/.ready
	$(BIN)/pytest bench/bench_*.py --benchmark-only

clean:
	rm -rf $(VENV)

$(VENV)/.fuzz: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	touch $@

$(VENV)/.bench: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	touch $@

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "transire needs Python 3.11 or later: set PYTHON=python3.11" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
