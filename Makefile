# What people and CI type. It needs make and Python 3.11 to 3.14; everything else goes into .venv, and nothing is done twice.
# Without make (Windows): see CONTRIBUTING.md, it is three commands.

PYTHON ?= python3
# The exact versions that the tests ran with. To take the newest that pyproject.toml allows: make setup LOCK=
LOCK ?= constraints.txt
CONSTRAINT := $(if $(LOCK),--constraint $(LOCK))
BIN := .venv/bin
STAMP := .venv/installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The pin stands in pyproject.toml alone: torch==X.Y.Z
TORCH := $(shell sed -n 's/^ *"\(torch==[0-9.]*\)".*/\1/p' pyproject.toml)
TORCH_INDEX := https://download.pytorch.org/whl/cpu
# Where setup finds everything without a network: a folder that `make bundle` wrote. Such a folder holds the project, too,
# so its wheels lie beside this Makefile.
STICK := $(or $(BUNDLE),.)
WITHOUT_NETWORK := $(BUNDLE)$(shell test ! -d wheels || echo yes)
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/*/*.ipynb notebooks/*/*/*.ipynb)
# Each solved notebook also runs the student's version. The languages differ in texts only (tests/notebooks/test_languages.py).
SOLVED_en := notebooks/solutions
SOLVED_ru := notebooks/ru/solutions

.DEFAULT_GOAL := help
.PHONY: help setup demo test unit flaky fuzz lab bundle notebooks site lock lint format clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## make the environment in .venv; without a network from a USB stick: make setup BUNDLE=/path/to/it

demo: $(STAMP) ## open the demo: one text, every method side by side
	@$(BIN)/hostlab demo

test: LANGUAGES ?= en
test: $(STAMP) ## run every test and every notebook; one that lacks its tool is skipped, and says so; the notebooks in both languages: make test LANGUAGES='en ru'
	@$(BIN)/pytest --numprocesses 4 tests $(foreach language,$(LANGUAGES),$(SOLVED_$(language)))

unit: $(STAMP) ## run the tests that start no service, for working on the code
	@$(BIN)/pytest --numprocesses 2 tests/unit

flaky: N ?= 10
flaky: TESTS ?= tests
flaky: $(STAMP) ## run tests again and again, in random order, on a busy machine: make flaky N=10 TESTS=tests/contract
	@$(BIN)/python -m tests.flaky --rounds $(N) $(TESTS)

fuzz: N ?= 2000
fuzz: $(STAMP) ## send generated requests to each method, with a new seed each time: make fuzz N=10000
	@$(BIN)/python -m tests.fuzz --requests $(N)

lab: $(STAMP) ## open the notebooks in JupyterLab; the first time it builds the Docker images, where there is an engine
	@$(BIN)/hostlab lab

bundle: $(STAMP) ## write all that other machines need to a USB stick: make bundle BUNDLE=/path/to/it
	@$(BIN)/hostlab bundle $(BUNDLE)

notebooks: $(STAMP) ## make the students' notebooks from the solved ones
	@$(BIN)/python notebooks/make_student.py

site: $(STAMP) ## execute the lessons of both languages and write them as pages: make site SITE=/path/to/it
	@$(BIN)/python -m notebooks.site $(SITE)

lock: $(STAMP) ## write constraints.txt: the newest versions that pyproject.toml allows, for each system and Python
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 pyproject.toml \
		--extra test --extra openvino --extra serving --extra train --no-emit-package torch \
		--annotation-style line --custom-compile-command 'make lock' --output-file constraints.txt

lint: $(STAMP) ## check style, types, and layers, and that no notebook carries outputs
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(if $(NOTEBOOKS),$(BIN)/nbstripout --verify $(NOTEBOOKS))

format: $(STAMP) ## mend what `make lint` finds, where a machine can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(if $(NOTEBOOKS),$(BIN)/nbstripout $(NOTEBOOKS))

clean: ## stop what runs; remove .venv and all that tools leave behind
	-@test ! -e $(STAMP) || $(BIN)/hostlab down --all
	@rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} + -o -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

# On Linux the package index's torch brings several GB of CUDA libraries, and no lesson here uses a GPU, not even where
# there is one. The CPU build comes from PyTorch's own index, or from a folder that pip is configured with (find-links).
# It has a step of its own, without dependencies, because an index that does not answer costs seconds for each package
# asked of it. Elsewhere the package index's torch is a CPU build already.
$(STAMP): pyproject.toml constraints.txt | $(BIN)/pip
ifneq ($(WITHOUT_NETWORK),)
	@test -d '$(STICK)/wheels' || { echo "There is no folder 'wheels' in $(STICK). With a network: make bundle BUNDLE=$(STICK)"; exit 1; }
	@echo "Installing the project and what it needs from $(STICK)/wheels, without a network"
	@$(BIN)/pip install --no-index --find-links '$(STICK)/wheels' $(CONSTRAINT) --editable '.[test]' || { \
		echo "These wheels are for:"; cat '$(STICK)/wheels/made-for.txt'; \
		$(BIN)/python -c 'import platform as p; print(f"This is:\nPython {p.python_version()} on {p.system()} {p.machine()}")'; \
		echo "Name another Python with: make setup PYTHON=python3.13 (after make clean)"; exit 1; }
	@test ! -e '$(STICK)/images.tar' || ! command -v docker >/dev/null || docker load --input '$(STICK)/images.tar' \
		|| echo "The Docker images were not loaded. When the engine runs: docker load --input '$(STICK)/images.tar'"
else
ifeq ($(shell uname -s),Linux)
	@echo "Installing PyTorch, the CPU build"
	@$(BIN)/pip install --no-deps --retries 2 --timeout 15 --extra-index-url $(TORCH_INDEX) '$(TORCH)+cpu' \
		|| echo "There is no CPU build of $(TORCH) within reach: taking the package index's, a larger download that works as well."
endif
	@echo "Installing the project and what it needs"
	@$(BIN)/pip install $(CONSTRAINT) --editable '.[test]'
endif
	@$(BIN)/hostlab export --from '$(STICK)' || echo "The setup goes on: the first start makes the export. To try it before: $(BIN)/hostlab export"
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' \
		|| { echo "Hosting Lab needs Python 3.11 to 3.14, and $(PYTHON) is not one. Name another with: make setup PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python could not make .venv. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
