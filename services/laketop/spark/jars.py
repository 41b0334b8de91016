"""The jars that Spark needs beyond its own: fetched once, checked, kept outside git.

The lock names every jar with its hash, so nothing is resolved when a person sets up: the Ivy that comes inside pyspark
fetches exactly those (it knows Maven Central and any proxy that Java knows), and no jar is used whose hash differs.
Iceberg's jar lies apart: a job sees it only when it asks for it, as on AWS.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from laketop.spark import java

LOCK = Path(__file__).with_name("jars.lock")
FOLDERS = ("spark", "iceberg")

_STAMP = "stamp.json"
_PATTERN = "[artifact]-[revision].[ext]"


class JarsError(RuntimeError):
    """The jars could not be had: which one, why, and what to do next."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock: Maven coordinates, SHA-256 (hexadecimal) and size in bytes."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """The file name, as in a Maven repository."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def folder(self) -> str:
        """`iceberg` for what a job must ask for, `spark` for what every job gets."""
        return "iceberg" if self.group == "org.apache.iceberg" else "spark"


def read_lock(text: str) -> tuple[Jar, ...]:
    """Parse a lock: a line a jar, `<path in a Maven repository> <sha256> <size>`.

    Raises:
        JarsError: a line is malformed, or two jars would have one file name.
    """
    jars = tuple(_parse(line) for line in text.splitlines() if line.strip())
    if len({jar.name for jar in jars}) != len(jars):
        raise JarsError("jars.lock names two jars with the same file name")
    return jars


def ensure(tools: Path, python: Path, report: Callable[[str], None], lock: Path = LOCK) -> None:
    """Have all jars of the lock in `<tools>/jars/spark` and `<tools>/jars/iceberg`, and nothing else there.

    Args:
        tools: the tools folder.
        python: the Python of the environment that holds pyspark.
        report: is told how far it is, a line at a time; not called when everything is there.
        lock: the lock to follow.

    Raises:
        JarsError: a download failed or a hash differs. Nothing of what was downloaded is kept then.
        JavaNotFound: there is no Java to run Ivy with.
    """
    text = lock.read_text()
    jars, digest = read_lock(text), hashlib.sha256(text.encode()).hexdigest()
    target = tools / "jars"
    target.mkdir(parents=True, exist_ok=True)
    with _alone(target / ".lock"):
        if not _complete(target, jars, digest):
            _fetch(target, jars, digest, python, report)


def fingerprint(tools: Path) -> str:
    """What identifies the jars that are installed: the hash of the lock they came from; empty when there are none."""
    try:
        return str(json.loads((tools / "jars" / _STAMP).read_text())["lock"])
    except FileNotFoundError:
        return ""


def pyspark_folder(python: Path) -> Path:
    """The folder of the pyspark package that an environment holds.

    Raises:
        JarsError: the environment has none.
    """
    code = "import importlib.util as u; s = u.find_spec('pyspark'); print(s.submodule_search_locations[0] if s else '')"
    answer = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
    if answer.returncode != 0 or not answer.stdout.strip():
        raise JarsError(f"no pyspark in the environment of {python}: {answer.stderr.strip() or 'not installed'}")
    return Path(answer.stdout.strip())


def _parse(line: str) -> Jar:
    try:
        path, sha256, size = line.split()
        group, artifact, version, name = path.rsplit("/", 3)
        jar = Jar(group.replace("/", "."), artifact, version, sha256, int(size))
    except ValueError as error:
        raise JarsError(f"jars.lock: not a jar's path, hash and size: {line!r}") from error
    if jar.name != name or len(sha256) != 64:
        raise JarsError(f"jars.lock: path and file name or hash don't fit: {line!r}")
    return jar


def _complete(target: Path, jars: Sequence[Jar], digest: str) -> bool:
    if fingerprint(target.parent) != digest:
        return False
    wanted = {(jar.folder, jar.name, jar.size) for jar in jars}
    # Everything in these folders is on a class path, so a file too many counts as well.
    present = {
        (folder, file.name, file.stat().st_size)
        for folder in FOLDERS
        if (target / folder).is_dir()
        for file in (target / folder).iterdir()
    }
    return present == wanted


def _fetch(target: Path, jars: Sequence[Jar], digest: str, python: Path, report: Callable[[str], None]) -> None:
    work = target / ".download"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        megabytes = sum(jar.size for jar in jars) / 1e6
        report(f"Spark jars: fetching {len(jars)} ({megabytes:.0f} MB) from Maven Central")
        _run_ivy(work, jars, pyspark_folder(python), report)
        _place(target, work, jars)
        (work / _STAMP).write_text(json.dumps({"lock": digest}))
        (work / _STAMP).replace(target / _STAMP)
        report(f"Spark jars: {len(jars)} fetched and checked")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run_ivy(work: Path, jars: Sequence[Jar], pyspark: Path, report: Callable[[str], None]) -> None:
    ivy = sorted((pyspark / "jars").glob("ivy-*.jar"))
    if not ivy:
        raise JarsError(f"no Ivy among the jars of {pyspark}: is it pyspark?")
    (work / "ivy.xml").write_text(_module_descriptor(jars))
    command = [str(java.find().binary), f"-Divy.default.ivy.user.dir={work / 'ivy'}", "-jar", str(ivy[-1])]
    command += ["-ivy", str(work / "ivy.xml"), "-cache", str(work / "cache")]
    command += ["-retrieve", str(work / "got" / _PATTERN)]
    log: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=_ivy_environment()
    ) as process:
        assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
        for line in process.stdout:
            log.append(line.strip())
            if step := _progress(log, len(jars)):
                report(step)
    if process.returncode != 0:
        reasons = [line for line in log if line.startswith(("::", "SERVER ERROR", "[FAILED")) and "loading" not in line]
        detail = "; ".join(reasons[-3:]) or "; ".join(log[-3:])
        raise JarsError(f"fetching the Spark jars failed: {detail}. Check the network, then try again")


def _ivy_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LAKETOP_", "AWS_"))}


def _progress(log: Sequence[str], total: int) -> str | None:
    """A line to show for the newest line of Ivy's log, every fifth jar; None where there is nothing new."""
    for mark, what in (("found ", "described"), ("[SUCCESSFUL ]", "downloaded")):
        if log[-1].startswith(mark):
            done = sum(line.startswith(mark) for line in log)
            return f"Spark jars: {done} of {total} {what}" if done % 5 == 0 or done == total else None
    return None


def _module_descriptor(jars: Sequence[Jar]) -> str:
    """Ivy's description of a module that needs each jar for itself, without what that jar says it needs."""
    dependencies = "".join(
        f"<dependency org={quoteattr(jar.group)} name={quoteattr(jar.artifact)} rev={quoteattr(jar.version)}"
        ' transitive="false" conf="default-&gt;master"/>\n'
        for jar in jars
    )
    return (
        '<ivy-module version="2.0">\n<info organisation="laketop" module="spark-jars"/>\n'
        '<configurations><conf name="default"/></configurations>\n'
        f"<dependencies>\n{dependencies}</dependencies>\n</ivy-module>\n"
    )


def _place(target: Path, work: Path, jars: Sequence[Jar]) -> None:
    """Check what was downloaded, then put it in place, folder by folder."""
    for jar in jars:
        file = work / "got" / jar.name
        if not file.is_file():
            raise JarsError(f"{jar.group}:{jar.artifact}:{jar.version} was not downloaded. Try again")
        got = hashlib.sha256(file.read_bytes()).hexdigest()
        if got != jar.sha256:
            raise JarsError(
                f"{jar.name} is not the file that jars.lock names: its SHA-256 is {got}, not {jar.sha256}. "
                "Nothing was kept; check what answers for Maven Central on this network"
            )
        (work / jar.folder).mkdir(exist_ok=True)
        file.rename(work / jar.folder / jar.name)
    # The stamp goes first: a crash between the two folders must not look complete.
    (target / _STAMP).unlink(missing_ok=True)
    for folder in FOLDERS:
        if (target / folder).exists():
            (target / folder).rename(work / f"old-{folder}")
        if (work / folder).exists():
            (work / folder).rename(target / folder)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold a lock file: two set-ups at once must not place jars under each other's feet."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
