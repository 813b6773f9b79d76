# Two commands do all set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test setup bubblewrap chromium lint prove fuzz

demo: setup bubblewrap
	$(BIN)/grader grade tests/sample_class --output graded

# mypy works on one core while the proof's workers end on the other.
test: setup bubblewrap chromium
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint prove
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

prove: setup bubblewrap
	$(BIN)/grader course build --check
	$(BIN)/grader course verify --no-matrix

# Lies to the near side for as long as it is told to: make fuzz RUNS=10000000 CORPUS=folder
RUNS ?= 20000
CORPUS ?=
fuzz: setup
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz.fuzz_replies -runs=$(RUNS) $(CORPUS)

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv is missing. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Installed through apt where that can be done without a password; else one sentence says what to do.
bubblewrap: PROGRAM = bwrap
bubblewrap: WHY = grading needs
chromium: PROGRAM = chromium
chromium: WHY = the tests of the report's pages need
bubblewrap chromium:
	@command -v $(PROGRAM) >/dev/null || { \
		if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && apt-get install -y -qq $@ >/dev/null; \
		elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
			sudo apt-get update -qq && sudo apt-get install -y -qq $@ >/dev/null; \
		else false; fi; \
	} || { echo "$@ ($(PROGRAM)) is missing, which $(WHY). On Debian or Ubuntu: sudo apt-get install $@"; exit 1; }
