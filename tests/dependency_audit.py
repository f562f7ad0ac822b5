"""Whether known faults are on record for the packages of a lock file: `python -m tests.dependency_audit requirements.lock …`.

An index of known faults is asked by pip-audit, where one can be reached. Ends with 1 where a package has one. A package that the index
did not answer for is said not to have been checked: pip-audit by itself calls that "no known vulnerabilities".
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

TIMEOUT_SECONDS = 10
"""For each question over the network."""


@dataclass(frozen=True)
class Audit:
    """What an index knew: `faults` by package and version, and the packages that it did not answer for."""

    checked: int = 0
    faults: dict[str, list[str]] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)


def asked(lock: str) -> str:
    """What pip-audit writes about a lock file: JSON, or nothing where it could not ask."""
    command = ["pip_audit", "-r", lock, "--require-hashes", "--disable-pip", "--format", "json"]
    quiet = ["--progress-spinner", "off", "--timeout", str(TIMEOUT_SECONDS)]
    done = subprocess.run([sys.executable, "-m", *command, *quiet], capture_output=True, text=True)
    return done.stdout


def read(written: str) -> Audit:
    """Raises ValueError where it is no JSON."""
    packages = json.loads(written)["dependencies"]
    answered = [package for package in packages if "skip_reason" not in package]
    return Audit(
        checked=len(answered),
        faults={
            f"{package['name']} {package['version']}": [fault["id"] for fault in package["vulns"]]
            for package in answered
            if package["vulns"]
        },
        unanswered=[package["name"] for package in packages if "skip_reason" in package],
    )


def main(locks: Sequence[str], ask: Callable[[str], str] = asked) -> int:
    """Say what is known of each lock file."""
    code = 0
    for lock in locks:
        try:
            audit = read(ask(lock))
        except ValueError:
            audit = Audit()
        if not audit.checked:
            print(f"{lock}: NOT checked for known faults, as no index of them could be reached.")
            continue
        print(f"{lock}: {audit.checked} packages checked, {len(audit.faults)} with known faults.")
        for package, faults in audit.faults.items():
            print(f"  {package}: {', '.join(faults)}")
            code = 1
        if audit.unanswered:
            print(f"  not checked: {', '.join(audit.unanswered)}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
