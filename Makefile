# `make test` and `make benchmark` do the whole job on a machine with Python >= 3.11 and pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: test test-oldest lint docs benchmark benchmark-weights benchmark-selection reproduce speed clean

test: $(VENV)/test.stamp
	$(BIN)/python -m pytest -n $(JOBS)

# The oldest versions that setup.cfg admits.
test-oldest: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement tests/oldest.txt
	$(BIN)/python -m pytest -n $(JOBS) tests

lint: $(VENV)/lint.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The site, into docs/_build/html: a warning is an error. Needs neither real data nor the network.
docs: $(VENV)/docs.stamp
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet docs docs/_build/html

benchmark: $(VENV)/benchmark.stamp
	$(BIN)/python benchmarks/office_caltech.py --jobs $(JOBS)

# Weights against biased sampling, and boosting with few target labels: about three minutes.
benchmark-weights: $(VENV)/benchmark.stamp
	$(BIN)/python benchmarks/selection_bias.py --jobs $(JOBS)
	$(BIN)/python benchmarks/few_labels.py --jobs $(JOBS)
	$(BIN)/python benchmarks/few_labels.py --jobs $(JOBS) --data reviews --draws 5 --csv results/few_labels_reviews.csv

# How well the criteria choose, on real data, and the guard, on generated problems: about an hour.
benchmark-selection: $(VENV)/benchmark.stamp
	$(BIN)/python benchmarks/selection/study.py --jobs $(JOBS)
	$(BIN)/python benchmarks/selection/guard.py --jobs $(JOBS)

reproduce: $(VENV)/benchmark.stamp
	$(BIN)/python benchmarks/reproduce.py --jobs $(JOBS)

speed: $(VENV)/benchmark.stamp $(VENV)/peers.stamp
	$(BIN)/python benchmarks/speed_subspace.py
	$(BIN)/python benchmarks/speed_alignment.py
	$(BIN)/python benchmarks/speed_kmm.py
	$(BIN)/python benchmarks/speed_kernels.py
	$(BIN)/python benchmarks/speed_import.py

# One stamp for each extra of setup.cfg that is installed.
$(VENV)/%.stamp: $(VENV)/bin/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf docs/_build docs/auto_examples docs/generated
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis results
	find . -name __pycache__ -prune -exec rm -rf {} +
