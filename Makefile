# make demo   set up, then turn the bundled voice and a photo into out/demo/
# make addon  pack the add-on as a Blender extension into out/
# make test   set up, then lint, type-check and run the test suite
PYTHON ?= python3.11
BIN := .venv/bin
STAMP := .venv/.ready

# Blender's older modules, in which the add-on is tried, too; where one cannot be had its tests are left out.
BLENDERS := build/blenders
OTHERS := $(foreach version,4.2.23 4.5.15,$(BLENDERS)/$(version)/.ready)

.PHONY: setup demo addon test lint clean $(OTHERS)

setup: $(STAMP)

$(STAMP): pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Style Avatar needs Python 3.11 (Blender's module is built for it): install it, or run make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(STAMP)

demo: setup
	$(BIN)/style-avatar demo --out out/demo

addon:
	$(PYTHON) -m tools.build_addon out

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(OTHERS): $(BLENDERS)/%/.ready:
	@test -e $@ || { $(PYTHON) -m venv $(BLENDERS)/$* && $(BLENDERS)/$*/bin/python -m pip install --quiet bpy==$* "numpy<2" && touch $@; } \
		|| echo "bpy $* cannot be had here: nothing is tried in it"

test: setup lint $(OTHERS)
	STYLE_AVATAR_BLENDERS=$${STYLE_AVATAR_BLENDERS:-$$(ls $(CURDIR)/$(BLENDERS)/*/.ready 2>/dev/null | sed "s|\.ready$$|bin/python|" | paste -sd:)} $(BIN)/python -m pytest

clean:
	rm -rf .venv out build *.egg-info
