# `make demo` and `make test` are the two commands of a newcomer; the rest is for those who stay.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA_STAMP := $(VENV)/.data-installed
# A folder with the lesson's own names; without them the benchmarks take the names that come with charnn.
CLASSIC ?= ../shared/data/tutorial-names
LESSON = $(or $(patsubst %/.,%,$(wildcard $(CLASSIC)/.)),data/names)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test docs lint format install lesson-names bench bench-accuracy bench-parts bench-start bench-tune bench-training bench-predict bench-generate bench-writers bench-lesson bench-ray bench-processes bench-scale bench-box bench-shares bench-labels bench-device bench-data data data-report pretrained torture supply clean

demo: install
	$(BIN)/charnn train data/names
	$(BIN)/charnn predict Hinton Satoshi Dovesky --format table

test: lint
	$(BIN)/pytest

# What the documents show of charnn's output, by running it.
docs: install
	PYTHONPATH=tests $(BIN)/python -m cogapp -r -P -p "from samples import output, sample" README.md charnn_cli/cli/README.md
	$(BIN)/charnn config --format markdown > configs/README.md
	$(BIN)/charnn plot belief --model shipped --name Hinton -o charnn_cli/cli/hinton.svg

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq --upgrade "pip>=25.1"
	$(BIN)/pip install -qq --constraint constraints.txt --editable . --group dev
	touch $@

# Killed trainings, full disks, hostile files and whatever else tests/torture/torture_*.py do to charnn; each says what.
torture: install
	$(BIN)/pip install -qq --constraint constraints.txt --group fuzz
	set -e; for script in tests/torture/torture_*.py; do echo "== $$script"; $(BIN)/python $$script; done

# Versions, licences and files of all that charnn stands on; asks nobody.
supply: install
	$(BIN)/python tests/torture/torture_supply.py

lesson-names:
	@test -d "$(CLASSIC)" || echo "The lesson's names are not in $(CLASSIC), which CLASSIC= changes: taking data/names." >&2

# Every recipe on one split of the lesson's names, beside the linear model.
bench: install lesson-names
	$(BIN)/python tests/bench/bench_accuracy.py $(LESSON) --splits 1

# The same over five splits of two data sets, and the default on full names; finished cells are kept in bench-results/.
bench-accuracy: install lesson-names bench-data/people.csv
	-$(BIN)/pip install -qq fasttext==0.9.3 # measured beside the rest where it builds
	$(BIN)/python tests/bench/bench_accuracy.py $(sort $(LESSON) data/names)
	$(BIN)/python tests/bench/bench_accuracy.py bench-data/people.csv --splits 2 --only default,fast,linear,fastText

# What each part of the default is worth; finished cells are kept in bench-results/.
bench-parts: install lesson-names
	$(BIN)/python tests/bench/bench_parts.py $(LESSON)

# What it is worth to begin with the network of another run; finished cells are kept in bench-results/start/.
bench-start: install
	$(BIN)/python tests/bench/bench_start.py data/names-world

# What a search of settings finds in half an hour, beside fastText's autotune.
bench-tune: install lesson-names
	$(BIN)/pip install -qq fasttext==0.9.3
	$(BIN)/python tests/bench/bench_tune.py $(LESSON)

# How soon the default knows as much as the lesson does in the end.
bench-training: install lesson-names
	$(BIN)/python tests/bench/bench_training.py $(LESSON)

# Names per second of charnn predict against the lesson's loop, and of full names against fastText, from file to file.
bench-predict: install lesson-names bench-data/names.csv
	-$(BIN)/pip install -qq fasttext==0.9.3 # measured beside the rest where it builds
	$(BIN)/python tests/bench/bench_predict.py $(LESSON) --people bench-data/names.csv

# Names per second of charnn generate against the lesson's loop, and how soon the first stand there.
bench-generate: install lesson-names
	$(BIN)/python tests/bench/bench_generate.py $(LESSON)

# How well each cell foretells the letters of names, beside n-grams; finished cells are kept in bench-results/.
bench-writers: install lesson-names
	$(BIN)/python tests/bench/bench_writers.py $(sort $(LESSON) data/names)

# What the lesson claims, measured.
bench-lesson: install lesson-names
	$(BIN)/python tests/bench/bench_lesson.py $(LESSON)

# Ten million rows as CSV and as Parquet, labelled on two local workers of Ray and by the plain path, row for row.
bench-ray: install
	$(BIN)/python tests/bench/bench_ray.py

# Names per second of training in one process and in two.
bench-processes: install
	$(BIN)/python tests/bench/bench_processes.py

# Seconds and memory from twenty thousand rows to five million; finished cells are kept in bench-results/.
bench-scale: install
	$(BIN)/python tests/bench/bench_scale.py data/names

# How fast a GPU trains; elsewhere, this machine's processor.
bench-device: install
	$(BIN)/python tests/bench/bench_device.py data/names
	$(BIN)/python tests/bench/bench_device.py data/names --epoch 1024

# A million full names with nationalities, into the ignored folder bench-data/.
bench-data: bench-data/names.csv

bench-data/names.csv: data/build_bench.py
	$(MAKE) $(DATA_STAMP)
	$(BIN)/python data/build_bench.py

# Twenty thousand of them.
bench-data/people.csv: bench-data/names.csv
	head -n 20001 bench-data/names.csv > $@

# The shipped names, rebuilt from pinned packages, and what the model that comes with charnn learns from, into the
# ignored folder bench-data/box/; the same bytes each time.
data: $(DATA_STAMP)
	$(BIN)/python data/build_names.py
	$(BIN)/python data/build_people.py

bench-data/box/test.csv: data/build_people.py
	$(MAKE) data

# The model that comes with charnn, trained on them.
pretrained: install bench-data/box/test.csv
	$(BIN)/python data/build_pretrained.py

# What it knows of people's names, by kind, form and script, beside the model before it and others.
bench-box: install bench-data/box/test.csv
	test -x bench-data/peers/bin/python || $(PYTHON) -m venv bench-data/peers
	-bench-data/peers/bin/pip install -qq ethnicseer==0.1.2 ethnidata==4.5.0
	$(BIN)/python tests/bench/bench_box.py --before 1ff3745 --linear --peers bench-data/peers/bin/python

# The shares of lists, estimated in several ways, by the model in the box and by a model of surnames.
bench-shares: $(DATA_STAMP) bench-data/box/test.csv bench-results/surnames/MODEL_CARD.md
	$(BIN)/python tests/bench/bench_shares.py --surnames bench-results/surnames

bench-results/surnames/MODEL_CARD.md:
	$(BIN)/charnn train data/names --set model.count_validation=false --force --out bench-results/surnames

# Labels made wrong on purpose, and how many of them are suspected; finished cells are kept in bench-results/.
bench-labels: install lesson-names
	$(BIN)/python tests/bench/bench_labels.py $(sort $(LESSON) data/names)

data-report: $(DATA_STAMP)
	$(BIN)/python data/measure_names.py --classic $(CLASSIC)

$(DATA_STAMP): $(STAMP) data/requirements.txt
	$(BIN)/pip install -qq --requirement data/requirements.txt
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
