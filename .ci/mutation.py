"""Measure how many small changes of the deciding code the tests notice: one score a module, at least 85 %.

Usage: .venv/bin/python .ci/mutation.py [MODULE …]; without names, all of ``MODULES``. mutmut works on a copy under
build/mutation, since it wants its own settings and leaves changed files behind; what survived is listed in
build/mutation-survivors.txt, and `mutmut show NAME` inside the copy shows it. A timeout counts as noticed, a mutant
that no test reaches does not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / "build" / "mutation"
FLOOR = 85.0
COPIED = ("reader", "auth", "desk", "gui", "mock_cards", "mock_registers", "docs", "tests")
SINGLE_FILES = ("pyproject.toml", "Makefile", "README.md", "CONTRIBUTING.md")
NOT_NOTICED = {0, 5, 33}  # survived; no test reaches it
NOT_RUN = {None, 2, 34}

_PRESENCE = (
    "tests/auth/presence/test_attacks.py",
    "tests/auth/presence/test_documents.py",
    "tests/auth/presence/test_end_to_end.py",
    "tests/auth/presence/test_fault_catalogue.py",
    "tests/auth/presence/test_judging.py",
    "tests/auth/presence/test_signatures.py",
    "tests/auth/presence/test_whose_card.py",
)

# Each module with the tests that are about it; `make soak` runs them all.
MODULES: dict[str, tuple[str, ...]] = {
    "reader/inspection/policy.py": (
        "tests/reader/inspection/test_policy.py",
        "tests/reader/inspection/test_policy_file.py",
    ),
    "reader/trust/der.py": ("tests/reader/trust/test_der*.py", "tests/reader/trust/test_certificate.py"),
    "reader/trust/cms.py": ("tests/reader/trust/test_cms*.py", "tests/reader/trust/test_required_verdicts.py"),
    "reader/trust/chain.py": ("tests/reader/trust/test_chain*.py", "tests/reader/trust/test_required_verdicts.py"),
    "auth/presence/judging.py": _PRESENCE,
    "auth/presence/verifier.py": _PRESENCE,
    "auth/presence/relaying.py": ("tests/auth/presence/test_relaying.py",),
    "auth/presence/peers.py": ("tests/auth/presence/test_whose_card.py", "tests/auth/presence/test_end_to_end.py"),
    "auth/presence/recent.py": ("tests/auth/presence/test_recent.py",),
    "auth/presence/log.py": ("tests/auth/presence/test_log.py",),
    "auth/presence/log_proof.py": ("tests/auth/presence/test_log_proof.py", "tests/auth/presence/test_log.py"),
    "auth/presence/log_growth.py": ("tests/auth/presence/test_log_proof.py", "tests/auth/presence/test_log.py"),
    "auth/presence/store.py": (
        "tests/auth/presence/test_fault_catalogue.py",
        "tests/auth/presence/test_log.py",
        "tests/auth/presence/test_store.py",
    ),
    "auth/presence/receipts.py": (
        "tests/auth/presence/test_booklets.py",
        "tests/auth/presence/test_evidence.py",
        "tests/auth/presence/test_log.py",
        "tests/auth/presence/test_log_proof.py",
    ),
    "mock_registers/presence_store.py": ("tests/mock_registers/test_presence_store.py",),
    "auth/outbox/states.py": ("tests/auth/outbox/test_states.py", "tests/auth/outbox/test_machine.py"),
    "auth/outbox/verdicts.py": ("tests/auth/outbox/test_drain.py", "tests/auth/outbox/test_states.py"),
    "auth/outbox/sealing.py": (
        "tests/auth/outbox/test_damage.py",
        "tests/auth/outbox/test_outbox.py",
        "tests/auth/outbox/test_sealing.py",
    ),
    "auth/wire/envelope.py": ("tests/auth/wire/test_envelope.py",),
    "auth/wire/problem.py": ("tests/auth/wire/test_problems.py",),
}


@dataclass(frozen=True)
class Score:
    """Hold what came of one module."""

    module: str
    noticed: int
    total: int
    survivors: tuple[str, ...]

    @property
    def percent(self) -> float:
        """Return the share that was noticed."""
        return 100 * self.noticed / self.total if self.total else 0.0


def prepare(module: str, tests: tuple[str, ...]) -> None:
    """Copy what the tests need and tell mutmut which module to change."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(ROOT / name, COPY / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in SINGLE_FILES:
        shutil.copy(ROOT / name, COPY / name)
    selected = sorted(str(path.relative_to(ROOT)) for pattern in tests for path in ROOT.glob(pattern))
    if not selected:
        raise SystemExit(f"no tests for {module}")
    package = module.partition("/")[0]
    settings = {
        "source_paths": [package],
        "only_mutate": [module],
        "also_copy": [name for name in COPIED if name not in (package, "tests")],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-m", "not soak and not peer and not pcsc"],
        "pytest_add_cli_args_test_selection": selected,
        "use_git_change_detection": False,
    }
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[tool.mutmut]\n{lines}")


def measure(module: str) -> Score:
    """Run mutmut in the copy and count."""
    # Tests that hold themselves against the notes look for them beside the project, which is the folder of the mutants.
    if (ROOT.parent / "shared").is_dir():
        (COPY / "shared").symlink_to(ROOT.parent / "shared")
    log = COPY / "mutmut.log"
    with log.open("wb") as file:
        ended = subprocess.run(  # noqa: S603  # our own environment's mutmut, with arguments that stand here
            [Path(sys.executable).with_name("mutmut"), "run", "--max-children", str(os.cpu_count() or 1)],
            cwd=COPY,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    meta = COPY / "mutants" / f"{module}.meta"
    if not meta.is_file():
        tail = log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise SystemExit(f"mutmut ended with {ended.returncode} and no result for {module}:\n{tail}")
    codes: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    run = {name: code for name, code in codes.items() if code not in NOT_RUN}
    survivors = tuple(sorted(name for name, code in run.items() if code in NOT_NOTICED))
    return Score(module, len(run) - len(survivors), len(run), survivors)


def main(names: list[str]) -> int:
    """Measure the modules named, print a table, and fail under the floor."""
    wanted = [module for module in MODULES if not names or any(name in module for name in names)]
    if not wanted:
        print(f"no such module; there are {', '.join(MODULES)}", file=sys.stderr)
        return 2
    scores: list[Score] = []
    for module in wanted:
        prepare(module, MODULES[module])
        scores.append(measure(module))
        score = scores[-1]
        print(f"{score.percent:5.1f} %  {score.noticed:4} of {score.total:4}  {module}", flush=True)
        # After each module, since all of them take long.
        survivors = COPY.with_name("mutation-survivors.txt")
        survivors.write_text("".join(f"{name}\n" for score in scores for name in score.survivors), encoding="utf-8")
    return 0 if all(score.percent >= FLOOR for score in scores) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
