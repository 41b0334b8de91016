"""The class-data archive: what the JVM loads at Spark's start, ready-made.

Written by a warm-up run of a driver at its exit. It fits one Java, one set of jars and one path to them, so all of
these make its stamp; the JVM passes over an archive that does not fit, which would only be slow.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from laketop.spark import jars, java
from laketop.spark.launch import Installation, Shape, prepare

_TIMEOUT = 600


class ArchiveError(RuntimeError):
    """The archive could not be made; the message says why and what to do next."""


def ensure(tools: Path, python: Path, report: Callable[[str], None]) -> None:
    """Have a class-data archive that fits in `<tools>/spark`.

    Args:
        tools: the tools folder, with the jars.
        python: the Python of the jobs' environment.
        report: is told how far it is; not called when an archive that fits is there.

    Raises:
        ArchiveError: the warm-up run failed; its log's end is in the message.
        JavaNotFound: there is no Java.
    """
    installation = Installation(python.absolute(), java.find(), tools.absolute(), "local[2]", "setup")
    target, stamp = installation.archive, installation.archive.with_suffix(".json")
    wanted = _stamp(installation)
    if target.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return
    report("Spark class-data archive: making it (about half a minute)")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    work = target.parent / f".rehearsal-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    try:
        _rehearse(installation, work)
        (work / "classes.jsa").rename(target)
        stamp.write_text(wanted)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    report(f"Spark class-data archive: made ({target.stat().st_size / 1e6:.0f} MB)")


def _stamp(installation: Installation) -> str:
    pyspark = jars.pyspark_folder(installation.python)
    names = sorted((jar.name, jar.stat().st_size) for jar in (pyspark / "jars").glob("*.jar"))
    parts = {
        "java": [str(installation.java.home), installation.java.version],
        "pyspark": [str(pyspark), hashlib.sha256(json.dumps(names).encode()).hexdigest()],
        "jars": [installation.class_path, jars.fingerprint(installation.tools)],
    }
    return json.dumps(parts, indent=1)


def _rehearse(installation: Installation, work: Path) -> None:
    file = work / "classes.jsa"
    launch = prepare(installation, work, Shape(), "--rehearse", jvm=(f"-XX:ArchiveClassesAtExit={file}",))
    log = work / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            launch.command,
            env=dict(launch.environment),
            cwd=launch.cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            code = process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            code = process.wait()
    if code != 0 or not file.is_file():
        end = " | ".join(log.read_text(errors="replace").strip().splitlines()[-3:])
        raise ArchiveError(f"Spark did not start in the jobs' environment (exit code {code}): {end}")
