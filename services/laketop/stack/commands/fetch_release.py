"""`laketop fetch-release`: the artefacts of an earlier release, from the workflow run that built it."""

import io
import re
import shutil
import zipfile
from typing import Annotated

import typer

from laketop.stack import checkout, github
from laketop.stack.messages import ExitCode, StackError

_RELEASE = re.compile(r"[0-9a-f]{16}")


def run(release: Annotated[str, typer.Argument(envvar="LAKETOP_RELEASE", help="16 hexadecimal digits.")] = "") -> None:
    """Fetch an earlier release from GitHub into dist/, and print its folder."""
    if not _RELEASE.fullmatch(release):
        hint = "the runs of deploy-pipeline name theirs; what is new goes to all environments, beginning with dev"
        raise StackError(f"release {release!r}", "16 hexadecimal digits are needed", hint, ExitCode.USAGE)
    repository = github.connect()
    found = repository.pages("actions/artifacts", "artifacts", name=f"release-{release}")
    kept = next((item for item in found if not item["expired"]), None)
    if kept is None:
        hint = "GitHub keeps artefacts for 90 days; check out the commit that it was built from, and `make build`"
        raise StackError(f"release {release}", "GitHub has it no more", hint)
    folder = checkout.ROOT / "dist" / release
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(repository.download(kept["archive_download_url"]))) as archive:
        archive.extractall(folder)
    print(folder.relative_to(checkout.ROOT))
