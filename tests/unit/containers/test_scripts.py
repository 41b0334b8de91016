"""What runs while images are built, and what asks a container how it is."""

import hashlib
import io
import os
import runpy
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from laketop.stack import checkout

FOLDER = checkout.ROOT / "services" / "containers"


@pytest.fixture
def fetch() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "fetch_terraform.py"))


def archive(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("terraform", content)
    return file.getvalue()


def test_terraform_is_the_release_or_nothing(fetch: dict[str, Any]) -> None:
    packed = archive(b"program")
    fetch["SHA256"]["1.0.0", "amd64"] = hashlib.sha256(packed).hexdigest()
    assert fetch["checked"](packed, "1.0.0", "amd64") == packed
    with pytest.raises(SystemExit, match=r"Terraform 1\.0\.0 for amd64: its SHA-256 is .*, not "):
        fetch["checked"](archive(b"another"), "1.0.0", "amd64")
    with pytest.raises(SystemExit, match="none is known of this release"):
        fetch["checked"](packed, "9.9.9", "amd64")


def test_terraform_is_put_there_as_a_program(
    fetch: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = archive(b"program")
    fetch["SHA256"]["1.0.0", "arm64"] = hashlib.sha256(packed).hexdigest()
    asked = []

    def urlopen(address: str, timeout: float) -> io.BytesIO:
        asked.append(address)
        return io.BytesIO(packed)

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    fetch["main"]("1.0.0", "arm64", str(tmp_path))
    assert asked == ["https://releases.hashicorp.com/terraform/1.0.0/terraform_1.0.0_linux_arm64.zip"]
    assert (tmp_path / "terraform").read_bytes() == b"program"
    assert os.access(tmp_path / "terraform", os.X_OK)


def test_where_nothing_is_fetched_the_next_step_is_said(fetch: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def urlopen(address: str, timeout: float) -> io.BytesIO:
        raise OSError("no route")

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    with pytest.raises(SystemExit, match=r"cannot be fetched: no route\. A Terraform of your own"):
        fetch["main"]("1.11.4", "amd64", "/nowhere")


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("path", "code"), [("/health", 0), ("/starting", 1)])
def test_a_part_is_well_when_it_answers_200(address: str, path: str, code: int) -> None:
    command = [sys.executable, str(FOLDER / "health.py"), address + path]
    assert subprocess.run(command, check=False).returncode == code


def test_nobody_there_is_not_well() -> None:
    command = [sys.executable, str(FOLDER / "health.py"), "http://127.0.0.1:9/health"]
    assert subprocess.run(command, check=False).returncode == 1


def test_slim_takes_out_tests_and_headers_alone(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.13" / "site-packages"
    for name in ("one/tests/test_it.py", "one/include/a.h", "one/deep/tests/data/x", "one/testing.py", "tests.py"):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    subprocess.run([str(FOLDER / "slim.sh"), str(tmp_path)], check=True)
    left = {str(path.relative_to(packages)) for path in packages.rglob("*") if path.is_file()}
    assert left == {"one/testing.py", "tests.py"}
