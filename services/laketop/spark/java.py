"""Which Java runs Spark.

JAVA_HOME first, then PATH, then the places where Debian and macOS put it: what a person set on purpose wins. Spark 4.1
runs on Java 17 and 21 only, so a newer one on PATH is passed over rather than tried.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

SUPPORTED = (17, 21)

# Folders that hold one folder per Java; on macOS its home lies deeper.
WELL_KNOWN = ("/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/homebrew/opt", "/usr/local/opt")
_INSIDE = ("", "Contents/Home", "libexec/openjdk.jdk/Contents/Home")

_VERSION = re.compile(r'version "([^"]+)"')


class JavaNotFound(RuntimeError):  # noqa: N818 (named for what it says)
    """No Java that Spark can use; the message says in one sentence how to get one."""


@dataclass(frozen=True)
class Java:
    """A Java runtime: its home folder and its whole version, e.g. `17.0.15`."""

    home: Path
    version: str

    @property
    def binary(self) -> Path:
        """The `java` command."""
        return self.home / "bin" / "java"


def find(environment: Mapping[str, str] = os.environ, well_known: Iterable[str] = WELL_KNOWN) -> Java:
    """Find a Java 17 or 21.

    Args:
        environment: where JAVA_HOME and PATH are read.
        well_known: folders that hold Java installations.

    Raises:
        JavaNotFound: none is there; names the versions that were seen and how to install one.
    """
    seen: list[str] = []
    for home in dict.fromkeys(_candidates(environment, well_known)):
        version = _version(home)
        if version is None:
            continue
        if _major(version) in SUPPORTED:
            return Java(home, version)
        seen.append(f"{version} in {home}")
    found = f" (found only {', '.join(seen)})" if seen else ""
    raise JavaNotFound(
        f"Spark needs Java 17 or 21{found}: install it with `apt-get install openjdk-17-jre-headless` on Debian and "
        "Ubuntu or `brew install openjdk@17` on macOS, or set JAVA_HOME to one"
    )


def _candidates(environment: Mapping[str, str], well_known: Iterable[str]) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    command = shutil.which("java", path=environment.get("PATH", ""))
    if command:
        yield Path(command).resolve().parent.parent
    for folder in map(Path, well_known):
        if folder.is_dir():
            for entry in sorted(folder.iterdir()):
                yield from (entry / inside for inside in _INSIDE)


def _major(version: str) -> int:
    """17 of `17.0.15`, 25 of `25-ea`; 1 of `1.8.0`, which is old enough."""
    digits = re.match(r"\d+", version)
    return int(digits[0]) if digits else 0


def _version(home: Path) -> str | None:
    """The version of the Java in a folder; None where there is none that runs."""
    binary = home / "bin" / "java"
    if not os.access(binary, os.X_OK):
        return None
    try:
        # A JAVA_TOOL_OPTIONS would put a line of its own before the version.
        answer = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=30, check=False, env={})
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    if answer.returncode != 0 or match is None:
        return None
    return match[1]
