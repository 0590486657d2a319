# Everything runs in a virtual environment of its own, made on first use from pinned versions.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MEASURED := $(VENV)/.bench
Q ?= Who translated the records into English?
# As it was typed, whatever quotation marks or dollar signs are in it.
export QUESTION := $(value Q)
EXTRAS ?= japanese mcp milvus plots postgres ray
CABLES ?= ../shared/samples/cables

.PHONY: help ask test check cover wheel man licences bench soak accuracy eval fit train pictures format clean

help:  ## show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

ask: $(READY)  ## answer Q="…" from the bundled archive
	@$(BIN)/memcon ask "$$QUESTION" || [ $$? -eq 1 ]

test: $(READY)  ## run the whole test suite
	$(BIN)/pytest --numprocesses auto --dist worksteal

check: $(READY)  ## lint, format, types, layers and circles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

cover: $(READY)  ## run the tests and print what lines they leave out
	$(BIN)/pytest --numprocesses auto --dist worksteal --cov bot --cov corpus --cov index --cov-report term-missing:skip-covered

wheel: $(READY)  ## build the wheel, install it into an empty environment and use it there
	@$(BIN)/python -m tests.tools.wheel

man: $(READY)  ## write the manual page memcon.1 from the help
	@$(BIN)/python -m tests.tools.manual > memcon.1
	@echo "memcon: wrote memcon.1; read it with: man ./memcon.1"

licences: $(READY)  ## list the licences of all packages that memcon and its EXTRAS need
	@$(BIN)/python -m tests.tools.licences $(EXTRAS)

bench: $(MEASURED)  ## measure index and bot beside other systems, into bench-DATE.md (ONLY=lexical,dense SIZES=1000,10000 REPORT=file)
	@$(BIN)/python -m tests.tools.bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZES),--sizes $(SIZES)) $(if $(FOLDER),--folder $(FOLDER)) $(if $(REPORT),--report $(REPORT))

soak: $(READY)  ## kill builds hundreds of times, and check what is left (minutes)
	@$(BIN)/python -m tests.tools.soak

accuracy: $(READY)  ## compare what is read of cables (CABLES="folder" with metadata.csv) and FRUS volumes (VOLUMES="folder …") with what is printed
	@$(BIN)/python -m tests.tools.accuracy $(if $(CABLES),"$(CABLES)") $(VOLUMES)

eval: $(READY)  ## ask the gold set and the invented records, and print how they were answered (SETS="set …" ARCHIVE=folder PLOTS=folder RUNS=file)
	@$(BIN)/python -m tests.gold $(if $(RUNS),--runs $(RUNS)) $(if $(PLOTS),--plots $(PLOTS)) $(if $(ARCHIVE),--archive $(ARCHIVE)) $(SETS)

fit: $(READY)  ## fit the weights on SETS="folder …" and QUESTIONS="file …" over ARCHIVES="folder …" (ONLY=confidence)
	$(BIN)/python -m tests.tools.fit $(if $(filter confidence,$(ONLY)),--confidence) $(SETS) $(if $(ARCHIVES),--archive $(ARCHIVES)) $(if $(QUESTIONS),--questions $(QUESTIONS))

train: $(READY)  ## train the encoder's adapter on QUESTIONS="file …" over ARCHIVES="folder …" (SETS=… OUT=file; half an hour)
	$(BIN)/python -m tests.tools.train --archive $(ARCHIVES) $(if $(QUESTIONS),--questions $(QUESTIONS)) $(if $(SETS),--set $(SETS)) $(if $(OUT),--out $(OUT))

pictures: $(READY)  ## draw the README's pictures again
	$(BIN)/python -m tests.tools.pictures bot/pictures

format: $(READY)  ## put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	@echo "memcon: installing into $(VENV) (once, a few minutes)"
	@$(PYTHON) -c 'import sys; sys.exit("memcon needs Python 3.11 or newer, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --constraint constraints.txt torch
	@$(BIN)/pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

$(MEASURED): $(READY)
	@echo "memcon: installing what memcon is measured beside (once, a minute)"
	@$(BIN)/pip install -qq --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $(MEASURED)
