# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
EXTRAS ?= train,dev
BIN := .venv/bin
STAMP := .venv/installed.stamp

SCREENSHOTS ?= docs/screenshots

.PHONY: run setup system test check format bench gpu-bench screenshots translations bundle lock clean

# Without a display a spoken conversation is held and written.
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/sotto; else $(BIN)/sotto demo --out out/demo.wav; fi

setup: system $(STAMP)

system:
	@sh scripts/system-packages.sh

# What builds need comes first, in the locked releases: setuptools for Sotto itself, numpy and Cython for pyworld, which
# has no wheels on some platforms.
$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Sotto needs Python 3.11 or newer; name one with make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock setuptools numpy cython
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock --no-build-isolation -e '.[$(EXTRAS)]'
	@touch $@

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# One JSON object a line. MINUTES=60 is the whole of the bar on a stream that never ends; it takes a quarter of an hour.
MINUTES ?= 6
bench: setup
	@$(BIN)/sotto bench say --json
	@$(BIN)/sotto bench frame --json
	@$(BIN)/sotto bench start --json
	@$(BIN)/sotto bench steady --minutes $(MINUTES) --json
	@$(BIN)/sotto bench peer --json

# Exit code 2 where there is no GPU; what it would do there is rehearsed by ARGUMENTS=--rehearse.
gpu-bench: setup
	@$(BIN)/python -m benchmarks.gpu --json $(ARGUMENTS)

# Pictures of the desktop app with a scripted engine, drawn off-screen: to be looked at.
screenshots: setup
	$(BIN)/python scripts/screenshots.py $(SCREENSHOTS)

# Gathers the window's texts and compiles their catalogues; ADD=fr begins another one (LANGUAGE is the system's).
translations: setup
	$(BIN)/python scripts/translations.py $(ADD)

bundle: setup
	$(BIN)/pip install -q --disable-pip-version-check -c requirements.lock --no-build-isolation -e '.[$(EXTRAS),bundle]'
	$(BIN)/pyinstaller --noconfirm --log-level WARN build.spec
	dist/sotto/sotto --version
	dist/sotto/sotto voices list
	test -s dist/sotto/licences/INDEX.txt
	$(BIN)/python scripts/smoke.py dist/sotto/sotto

lock: setup
	$(BIN)/python scripts/lock.py > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean:
	rm -rf .venv build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
