# EUFCC-340K. `make` alone says what can be made; README.md explains it.
#
# Notebooks in notebooks/ are templates. papermill runs them, the copies it leaves are the pages of
# the book. Each copy depends on its template, the library and the data, so that a second `make book`
# runs only what is out of date, and `make -j` what can run at once.
#
# Written for what macOS ships: GNU make 3.81, bash 3.2 and BSD's tools; tests/core/test_platforms.py refuses what is newer.

SHELL := /bin/bash
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help book chapters train assistant check test lock clean always

# What can be set: `make book DATA=path/to/museums RECIPE=paper TRAIN="--seed 1"`.
PYTHON ?= python3
# Kept in .venv, so that a later `make` updates what it finds there.
TORCH ?= $(shell cat .venv/.installed 2>/dev/null)
DATA ?= mini
MODELS ?= frequency frequency_provider multi_label multi_label_materials softmax softmax_wce hsoftmax_levels \
          hsoftmax_nodes clip_zero_shot clip_one_tag clip_all_tags clip_prompt asymmetric multi_label_sum ml_s ml_s_clip \
          hsoftmax_adjusted clip_positives hill splc lp_ft wise_ft clip_wise_ft coherent multi_label_adapted \
          neighbours ml_neighbours
TRAIN ?=
RECIPE ?= mini
GPUS ?=
PROCESSES ?=
PORT ?= 5006

VENV := .venv/.installed
BIN := .venv/bin
# Only .venv's kernel may run a notebook, also where the user has others.
export JUPYTER_PREFER_ENV_PATH := 1

help:
	@echo "make book             set up, run every notebook on the mini museum, build _build/html/index.html"
	@echo "make check            set up, run the linter and the fast tests: a minute, before every commit"
	@echo "make test             set up, run all tests and every notebook template, read each page of the book in a browser"
	@echo "make book DATA=path   the same book of a folder in the official layout, in _build/FOLDER/html"
	@echo "make train DATA=path  its trainings alone"
	@echo "make assistant        serve the annotation assistant on this machine (DATA=path, PORT=5006)"
	@echo "make lock             resolve requirements.lock and environment.yml again from pyproject.toml"
	@echo "make clean            remove what was built; .venv and results/ stay"
	@echo
	@echo "PYTHON=python3.12     the Python to make .venv with (3.11, 3.12 or 3.13)"
	@echo "TORCH=cpu             on Linux, PyTorch without CUDA: .venv takes 2 GB instead of 7 GB"
	@echo "MODELS=\"a b\"          the models to train; RECIPE=paper as in the paper (mini: on a laptop);"
	@echo "                      GPUS=4 four at once, PROCESSES=4 each on four (but lp_ft, wise_ft);"
	@echo "                      TRAIN=\"--seed 1\": further options of \`eufcc train\`"

# ---- set-up -------------------------------------------------------------------------------------

MADE_WITH := $(if $(wildcard $(VENV)),x$(shell cat $(VENV)))
$(if $(filter-out x$(TORCH),$(MADE_WITH)),$(error TORCH=$(TORCH): .venv was made with TORCH=$(MADE_WITH:x%=%); remove it to make it anew))

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Compiled once: else the first kernels do it at once, or each anew where Python may not write what it compiled.
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python

$(VENV): requirements.lock pyproject.toml
	@$(if $(filter-out cpu,$(TORCH)),echo "TORCH=$(TORCH): expected 'cpu' or nothing." >&2; exit 1)
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here: install Python 3.11, 3.12 or 3.13, or name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "$$($(PYTHON) -V 2>&1) is not supported: install Python 3.11, 3.12 or 3.13, or name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$($(PYTHON) -V 2>&1) cannot make virtual environments: on Debian, apt install python3-venv." >&2; exit 1; }
	@echo "Installing the versions of requirements.lock into .venv; the first time takes some minutes"
	@$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock >.venv/uv.txt
	@$(PIP) --require-hashes --requirement .venv/uv.txt
	@$(INSTALL)
	@$(PIP) --no-build-isolation --no-deps --editable .
	@echo $(TORCH) >$@

# uv takes a fifth of pip's time; pip knows indexes that only its own settings name.
INSTALL = $(UV) --require-hashes --requirement requirements.lock || \
  { echo "uv could not install them; trying pip" >&2; $(PIP) --require-hashes --requirement requirements.lock; }

# The CPU builds have hashes of their own and lie in PyTorch's index, whose address uv knows. They go first: without them
# nothing is installed.
ifeq ($(TORCH),cpu)
INSTALL = $(UV) --no-deps --torch-backend cpu $$(sed -nE 's/^(torch(vision)?==[^ ]*).*/\1/p' requirements.lock) 2>.venv/torch.log || \
  { echo "TORCH=cpu: PyTorch's index of CPU builds cannot be reached (.venv/torch.log says why), and nothing was installed; without TORCH=cpu the build with CUDA comes from PyPI." >&2; exit 1; }; \
  awk '/^[^ ]/ { wanted = !/^(torch|torchvision|triton|cuda-.*|nvidia-.*)==/ } wanted' requirements.lock >.venv/others.txt; \
  $(UV) --no-deps --require-hashes --requirement .venv/others.txt
endif

# Exact versions with their hashes, for every system and Python; conda's file names the same versions without hashes,
# which `-e .` forbids.
lock:
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra book --extra test --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --output-file requirements.lock >/dev/null
	@awk 'NR == 1 { print "# Exact versions of everything, for Linux, macOS (arm64) and Windows, Python 3.11 to 3.13. Written by `make lock`." } \
	  /^jupyter-book==/ { print "# below 2: 2.x is another program, which ignores _config.yml and builds nothing" } { print }' \
	  requirements.lock >requirements.lock.part && mv requirements.lock.part requirements.lock
	@{ sed '/^  - pip:/q' environment.yml; sed -n '2,$$ s/^\([^ ][^\\]*[^ \\]\).*/      - \1/p' requirements.lock | sed 's/- #/#/'; \
	  echo "      - -e ."; } >environment.yml.part && mv environment.yml.part environment.yml

# ---- data ---------------------------------------------------------------------------------------

# Not the museum's own marker: make removes the file of a rule that failed, and drawing goes on from it.
MINI := data/mini/.drawn
# As it was typed, with every $. The path is only given to a shell, in quotes: make cannot write all of its letters.
override DATA := $(if $(filter-out help check test lock clean,$(or $(MAKECMDGOALS),help)),$(value DATA),mini)
quote = '$(subst ','\'',$(1))'

ifeq ($(DATA),mini)
NAME := mini
DATA_FILES := $(MINI)
WORK := _build
BOOK := book
else
FOLDER := $(if $(filter eufcc340k eufcc340k-laptop,$(DATA)),data/$(DATA),$(if $(filter ~/%,$(firstword $(DATA))),$(subst ~/,$(HOME)/,$(DATA)),$(DATA)))
in_folder = $(shell { cd $(call quote,$(FOLDER)) && $(1); } 2>/dev/null)
NAME := $(call in_folder,basename "$$(pwd -P)")
$(if $(call in_folder,ls *.csv),,$(error DATA=$(DATA): expected 'mini', 'eufcc340k' or 'eufcc340k-laptop' (once fetched), or a folder with train.csv, val.csv, test_id.csv or test_ood.csv))
$(if $(call in_folder,basename "$$(pwd -P)" | LC_ALL=C tr -d '\nA-Za-z0-9_.+\200-\377-'),$(error DATA=$(DATA): results are filed under '$(NAME)', the folder's own name; rename it to letters, digits, '_', '-', '.' and '+'))
$(if $(filter mini html runs running book jupyter_execute,$(NAME)),$(error DATA=$(DATA): a folder called '$(NAME)' would overwrite the book of the mini museum; rename it))
# Stands for the csv files: it is as old as the newest of them.
DATA_FILES := _build/$(NAME)/.newest
WORK := _build/$(NAME)
BOOK := $(WORK)/book
$(DATA_FILES): always
	@mkdir -p $(@D)
	@touch -r $(call quote,$(FOLDER))/"$$(cd $(call quote,$(FOLDER)) && ls -t *.csv | head -n 1)" $@
endif

$(MINI): $(shell find eufcc_lib/mini -name '*.py') | $(VENV)
	@echo "Drawing the mini museum"
	@$(BIN)/eufcc draw data/mini
	@touch $@

# ---- trainings ----------------------------------------------------------------------------------

LIBRARY := $(shell find eufcc_lib -name '*.py' -not -path '*/collection/*' -not -path '*/assistant/*' -not -path '*/mini/*' \
             -not -name extension.py) $(wildcard eufcc_lib/data/*.csv)
# For the book and for the tests; it says how they were trained, so that other settings train again.
TRAINED := checkpoints/$(NAME)/.trained
# Heads that are trained first are trained in one process.
TRAINING := $(strip $(filter-out $(if $(filter-out 1,$(PROCESSES)),lp_ft wise_ft),$(MODELS)) --recipe $(RECIPE) $(TRAIN))
ifneq ($(shell cat $(TRAINED) 2>/dev/null),$(TRAINING))
$(TRAINED): always
endif

# A finished training is loaded. On the mini museum, where all of them take minutes, a library that changed trains anew,
# and as heads on kept features take one core, CLIP is trained beside the vision models.
RETRAIN := $(if $(filter mini,$(NAME)),-p retrain True)
AT_ONCE = $(if $(GPUS),--gpus $(GPUS),$(if $(PROCESSES),--processes $(PROCESSES),$(if $(RETRAIN),--side-by-side)))

# Nothing that draws or writes pages has a part in a training.
$(TRAINED): $(filter-out eufcc_lib/figures/% eufcc_lib/pages/%,$(LIBRARY)) $(DATA_FILES) | $(VENV)
	@echo "Training on $(NAME): $(MODELS)"
	@$(BIN)/eufcc train $(TRAINING) --data $(call quote,$(DATA)) --where-possible $(AT_ONCE) $(if $(RETRAIN),--retrain)
	@mkdir -p $(@D)
	@echo $(call quote,$(TRAINING)) >$@

train: $(TRAINED)
	@echo "The results are in results/$(NAME)"

# ---- runs ---------------------------------------------------------------------------------------

RUNS := $(BOOK)/runs
# These read finished runs; the first ones take longest.
ON_RUNS := tour baseline next_museum choices harder missing multi_label softmax hsoftmax clip ensembles adding tables leaderboard reading qualitative \
           assistant cataloguer trust trainings
ON_DATA := records statistics sunburst museum printed score $(ON_RUNS)
ON_NOTHING := metrics benchmarks plan real
# Tell how the others ran, and the very last how all did.
LAST := $(RUNS)/artifact.ipynb $(RUNS)/status.ipynb
PAGES := $(ON_DATA:%=$(RUNS)/%.ipynb) $(ON_NOTHING:%=$(RUNS)/%.ipynb) $(RUNS)/train.ipynb $(RUNS)/by_hand.ipynb \
         $(RUNS)/collection.ipynb $(LAST)

# The command a reader would type, to a place of its own first: a notebook that stops half-way keeps
# its copy and its log there, and what it said last is what one sees last.
define run
@mkdir -p $(WORK)/running $(RUNS)
@start=$$SECONDS; copy=$(WORK)/running/$(@F); \
if $(BIN)/papermill --no-progress-bar $< $$copy $(PARAMETERS) >$$copy.log 2>&1; \
then mv $$copy $@; rm $$copy.log; echo "ran  $(@F)  $$((SECONDS - start)) s"; \
else echo "$< stopped; how far it came is in $$copy, and its log beside it." >&2; \
     { sed -n '/^Exception encountered/,$$p' $$copy.log | grep . || tail -n 20 $$copy.log; } >&2; exit 1; fi
endef

$(ON_DATA:%=$(RUNS)/%.ipynb) $(LAST): PARAMETERS = -r data $(call quote,$(DATA))
$(LAST): PARAMETERS += -p runs $(RUNS)

$(ON_DATA:%=$(RUNS)/%.ipynb): $(RUNS)/%.ipynb: notebooks/%.ipynb $(LIBRARY) $(DATA_FILES) | $(VENV)
	$(run)

$(ON_NOTHING:%=$(RUNS)/%.ipynb): $(RUNS)/%.ipynb: notebooks/%.ipynb $(LIBRARY) | $(VENV)
	$(run)

# Collects the mini museum from a Europeana of its own, whatever the book is about; anew, to a place of its own.
COLLECTED := $(WORK)/running/collected
$(RUNS)/collection.ipynb: PARAMETERS = -p folder '$(COLLECTED)'
$(RUNS)/collection.ipynb: notebooks/collection.ipynb $(LIBRARY) $(shell find eufcc_lib/collection -name '*.py' -o -name '*.csv') $(MINI) | $(VENV)
	@rm -rf $(COLLECTED)
	$(run)

# Trains one model of the mini museum for the reader's eyes, filed apart from the results that the others read.
$(RUNS)/train.ipynb: PARAMETERS = -p vocabulary labels -p retrain True
$(RUNS)/train.ipynb: notebooks/train.ipynb $(LIBRARY) $(MINI) | $(VENV) $(filter checkpoints/mini/%,$(TRAINED))
	$(run)

# Builds a model of the mini museum by hand, whatever the book is about.
$(RUNS)/by_hand.ipynb: notebooks/by_hand.ipynb $(LIBRARY) $(MINI) | $(VENV) $(filter checkpoints/mini/%,$(TRAINED))
	$(run)

# Reads what is kept of the real photographs and of the mini museum.
$(RUNS)/real.ipynb: $(wildcard results/museums/*.json results/mini/*.json) | $(filter checkpoints/mini/%,$(TRAINED))

$(ON_RUNS:%=$(RUNS)/%.ipynb): $(TRAINED) $(wildcard results/$(NAME)/*.json)
$(RUNS)/leaderboard.ipynb: $(wildcard results/$(NAME)/seeds/*.csv)
$(RUNS)/benchmarks.ipynb: $(wildcard benchmarks/results/*.json)

# Last, for they tell when and on what machine the others ran.
$(RUNS)/artifact.ipynb: notebooks/artifact.ipynb $(filter-out $(LAST),$(PAGES)) | $(VENV)
	$(run)

$(RUNS)/status.ipynb: notebooks/status.ipynb $(filter-out %/status.ipynb,$(PAGES)) | $(VENV)
	$(run)

chapters: $(PAGES)

# ---- book ---------------------------------------------------------------------------------------

PROSE := _config.yml book/_toc.yml $(wildcard book/*.md book/*.bib book/_static/* book/images/*)

book: $(WORK)/html/index.html
	@echo "The book is in $<"

$(WORK)/html/index.html: $(PAGES) $(PROSE) eufcc_lib/pages/extension.py $(wildcard eufcc_lib/pages/theme/*) | $(VENV)
ifneq ($(BOOK),book)
	@cp $(filter-out _config.yml,$(filter %.md %.yml %.bib,$(PROSE))) $(BOOK)/
	@cp -r book/_static book/images $(BOOK)/
	@cp _config.yml $(WORK)/
endif
	@$(BIN)/jupyter-book build $(BOOK) -W --keep-going --all --quiet >/dev/null
ifneq ($(BOOK),book)
	@rm -rf $(WORK)/html
	@mv $(WORK)/_build/html $(WORK)/html
endif
	@touch $@

# ---- tests --------------------------------------------------------------------------------------

# Every notebook runs. First the committed runs of these run again, which have the code of their templates, and what
# they print has to be what they printed; cells whose outputs cannot repeat are tagged `nbval-ignore-output`. Then every
# template runs as a chapter, and a browser reads each page of their book, which `make book` finds done.
REPEATABLE := metrics printed records statistics sunburst museum
STRICT := $(wildcard $(REPEATABLE:%=book/runs/%.ipynb))

# Two at a time; the cells of one notebook stay together. What is compiled is kept, also where Python was told not to: else
# both processes compile the library and rewrite the assertions of every test anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --quiet --numprocesses 2
NBVAL := $(PYTEST) --dist loadscope --nbval-current-env --nbval-kernel-startup-timeout=600
# Without the plugin, which loads Jupyter in every process; the two processes do not compete with threads of their own.
TESTS := OMP_NUM_THREADS=1 $(PYTEST) --dist worksteal -p no:nbval
TWO = $(if $(findstring jobserver,$(MAKEFLAGS)),,--jobs 2)

# With the best models that are trained; on the mini museum they are trained first. Its validation split is too small to
# promise 95 % in more than one facet.
assistant: PROMISE = $(if $(filter mini,$(NAME)),--promise 0.8)
assistant: $(VENV) $(if $(filter mini,$(NAME)),$(TRAINED),$(DATA_FILES))
	@$(BIN)/eufcc assistant --data $(call quote,$(DATA)) --port $(PORT) $(PROMISE)

# What trains, starts a browser or a kernel, or takes more than a second is marked `slow`. Of the examples that hypothesis
# finds, the first ones are tried; `make test` tries all.
check: $(VENV)
	@$(BIN)/ruff check --quiet
	@$(TESTS) -m 'not slow' --hypothesis-profile few --ignore tests/pages/test_book.py

test: $(VENV) $(MINI) $(TRAINED)
	@$(BIN)/ruff check --quiet
	@$(TESTS) --ignore tests/pages/test_book.py
	@$(BIN)/eufcc check-entries
	@$(BIN)/eufcc reproduce softmax clip_one_tag --data mini
	@$(if $(STRICT),$(NBVAL) --nbval $(STRICT))
	@$(MAKE) --no-print-directory $(TWO) DATA=mini book
	@$(TESTS) tests/pages/test_book.py

clean:
	rm -rf _build data/mini checkpoints/mini checkpoints/mini-labels results/mini-labels
