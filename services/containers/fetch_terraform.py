"""Fetches Terraform for the deploy image: `python3 fetch_terraform.py <version> <architecture> <folder>`.

The release comes from HashiCorp and is checked against the hash that stands here, so that another version is a change
that somebody reads. Standard library only: it runs in a bare image.
"""

import hashlib
import io
import sys
import urllib.request
import zipfile
from pathlib import Path

ADDRESS = "https://releases.hashicorp.com/terraform/{0}/terraform_{0}_linux_{1}.zip"
# version and architecture → SHA-256 of the archive, from the release's own list of hashes
SHA256 = {
    ("1.11.4", "amd64"): "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    ("1.11.4", "arm64"): "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
}
HINT = "A Terraform of your own takes its place: docs/CONTAINERS.md, `Where images are built without the internet`."


def checked(archive: bytes, version: str, architecture: str) -> bytes:
    """The archive, where it is the release's.

    Raises:
        SystemExit: no hash of this release is known, or the archive has another one.
    """
    wanted, found = SHA256.get((version, architecture)), hashlib.sha256(archive).hexdigest()
    if found != wanted:
        known = f"not {wanted}" if wanted else "and none is known of this release"
        raise SystemExit(f"Terraform {version} for {architecture}: its SHA-256 is {found}, {known}. {HINT}")
    return archive


def main(version: str, architecture: str, folder: str) -> None:
    """Put the program `terraform` into a folder."""
    address = ADDRESS.format(version, architecture)
    try:
        with urllib.request.urlopen(address, timeout=120) as answer:  # noqa: S310 - the address stands above
            archive = answer.read()
    except OSError as error:
        raise SystemExit(f"{address} cannot be fetched: {error}. {HINT}") from error
    with zipfile.ZipFile(io.BytesIO(checked(archive, version, architecture))) as found:
        program = Path(found.extract("terraform", folder))
    program.chmod(0o755)


if __name__ == "__main__":
    main(*sys.argv[1:])
