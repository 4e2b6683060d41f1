# AuraTune. `make` lists the recipes.
SHELL := /bin/sh
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .uv/uv)
RUN := $(UV) run --locked --no-sync
PHOTO ?=
OUT ?=
RUNS ?= 100
EXAMPLES ?= 100
IMAGES ?= 20000
BODIES ?= 5000
CLIENTS ?= 300
FILMS ?= 300
ROUNDS ?= 20

# Without bytecode on disk every child process would compile all libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run film test test-fast pythons check check-static fix bench chaos api fuzz load page soak disk goldens demo clean

help: ## list the recipes
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.uv/uv:
	@python3 scripts/bootstrap_uv.py .uv

.venv/.ready: pyproject.toml uv.lock $(if $(filter .uv/uv,$(UV)),.uv/uv)
	@echo "Setting up AuraTune (once) ..."
	@$(UV) sync --locked --compile-bytecode --quiet
	@touch .venv/.ready

setup: .venv/.ready ## install everything the project needs, into .venv

run: .venv/.ready ## set up everything and start the service on http://127.0.0.1:8000
	@$(RUN) auratune serve

film: .venv/.ready ## make a film here and now, in films/: make film PHOTO=picture.jpg [OUT=film.mp4]
	@test -n "$(PHOTO)" || { echo "Which photo? make film PHOTO=picture.jpg"; exit 2; }
	@$(if $(OUT),,mkdir -p films)
	@$(RUN) auratune film "$(PHOTO)" -o "$(or $(OUT),films)"

test: .venv/.ready ## set up everything and run the whole suite, in shuffled order
	@$(RUN) pytest -n 4 --dist loadgroup

test-fast: .venv/.ready ## the suite without the proofs that take more than ten seconds each
	@$(RUN) pytest -n 4 --dist loadgroup -m "not slow"

pythons: ## set up and make a short film on every installed Python from 3.11 to 3.14
	@$(if $(filter .uv/uv,$(UV)),$(MAKE) --no-print-directory .uv/uv,:)
	@$(UV) run --no-project python scripts/try_pythons.py "$(UV)"

check: test check-static ## what CI runs: the suite, then the static checks

check-static: .venv/.ready
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@$(RUN) lint-imports

fix: .venv/.ready ## mend style and order of imports
	@$(RUN) ruff check --fix .
	@$(RUN) ruff format .

bench: .venv/.ready ## print the numbers: the service end to end, the paid path, the time left, the film, the sound
	@$(RUN) python -m benchmarks.service
	@$(RUN) python -m benchmarks.vendors
	@$(RUN) python -m benchmarks.queue
	@$(RUN) python -m benchmarks.queue.library
	@$(RUN) python -m benchmarks.queue.simulation
	@$(RUN) python -m benchmarks.eta
	@$(UV) run --locked --group bench python -m benchmarks.film
	@$(RUN) python -m benchmarks.music_compose
	@$(RUN) python -m benchmarks.music_score
	@$(UV) run --locked --group bench python -m benchmarks.beats
	@$(UV) run --locked --group bench python -m benchmarks.beats --hard 42 --alone

chaos: .venv/.ready ## kill it again and again, break the vendors in every way, count what was lost or paid twice: RUNS=100
	@$(RUN) python -m tests.recovery.chaos --runs $(RUNS)
	@$(RUN) python -m tests.cluster.chaos
	@$(RUN) python -m tests.recovery.cancels --tasks $(RUNS)
	@$(RUN) python -m tests.recovery.webhooks
	@$(RUN) python -m tests.cluster.moves
	@$(RUN) python -m tests.simulators.kills --runs $(RUNS)
	@$(RUN) python -m tests.simulators.matrix --times 5
	@$(RUN) python -m tests.simulators.service_matrix

api: .venv/.ready ## made-up requests to every operation, answers compared with the description: EXAMPLES=100
	@$(RUN) python -m tests.proof.api --examples $(EXAMPLES)

fuzz: .venv/.ready ## broken pictures, bombs and bodies through a running service: IMAGES=20000 BODIES=5000
	@$(RUN) python -m tests.proof.fuzz --images $(IMAGES) --bodies $(BODIES)
	@$(RUN) python -m tests.proof.api --examples 1000

load: .venv/.ready ## a crowd of uploads, silent connections and listeners while films render: CLIENTS=300
	@$(RUN) python -m tests.proof.load --clients $(CLIENTS)
	@$(RUN) python -m tests.proof.search

page: .venv/.ready ## the page in a browser: bytes, largest paint, and scrolling 2,000 films during events
	@$(RUN) python -m tests.proof.page

soak: .venv/.ready ## many short films; memory, handles and temporary files must stay flat: FILMS=300
	@$(RUN) python -m tests.proof.soak --films $(FILMS)

disk: .venv/.ready ## a small disk that fills and empties while films are made (needs root): ROUNDS=20
	@$(RUN) python -m tests.proof.disk --rounds $(ROUNDS)

demo: .venv/.ready ## start stand-ins for the vendors, to try the paid path without a key
	@$(RUN) auratune demo-vendors

goldens: .venv/.ready ## draw the golden storyboards anew, after a change that means to change them
	@$(RUN) pytest tests/golden --regenerate-goldens

clean: ## remove what setup and tests left (never films: those are in temp/ and films/)
	@rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
