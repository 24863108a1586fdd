# Một Cửa. `make demo` shows it, `make test` proves it; both set up what is missing first.
SHELL := bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check format soak mutation coverage bench lock screens clean

PYTEST_ARGS ?=
DEMO_ARGS ?=
ONLY ?=

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: ## Open the desk with an emulated card and sandbox registers (in the terminal without a display)
	@.ci/setup demo
	. .ci/env
	exec .venv/bin/motcua demo $(DEMO_ARGS)

test: ## Run all tests, the PC/SC ones included
	@.ci/setup test
	. .ci/env
	# A worker that crashes ends the run: with one put in its place, the rest may wait for each other for ever.
	.venv/bin/pytest -q -m "not soak" -n auto --dist loadfile --max-worker-restart 0 $(PYTEST_ARGS)

check: ## Lint, format, types, layers, translations
	@.ci/setup check
	. .ci/env
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache
	.venv/bin/python -m gui.translations.build --check

format: ## Format the code
	@.ci/setup check
	.venv/bin/ruff check --fix-only -q .
	.venv/bin/ruff format .

soak: ## The long runs
	@.ci/setup test
	. .ci/env
	# Where a long run stands after a minute is no news.
	.venv/bin/pytest -q -m soak --timeout 7200 -o faulthandler_timeout=0 $(PYTEST_ARGS)
	.venv/bin/python .ci/mutation.py

mutation: ## How many small changes of the deciding code the tests notice: make mutation [ONLY=policy]
	@.ci/setup test
	. .ci/env
	.venv/bin/python .ci/mutation.py $(ONLY)

coverage: ## Lines and branches of the judging rooms that their own tests run: make coverage [ONLY=inspection]
	@.ci/setup test
	. .ci/env
	.venv/bin/python .ci/coverage.py $(ONLY)

bench: ## Measure: make bench [ONLY=name]
	@.ci/setup test
	. .ci/env
	.venv/bin/python -m benchmarks $(ONLY)

screens: ## Draw the pictures in docs/screens anew
	@.ci/setup demo
	. .ci/env
	.venv/bin/python docs/screens/make.py

lock: ## Resolve the locks anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate requirements-build.in -o requirements-build.lock

clean: ## Remove what make made
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
