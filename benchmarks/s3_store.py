"""Our S3 beside LocalStack's own: small and large objects, copies, uploads in parts, listings, start, memory.

    .venv/bin/python benchmarks/s3_store.py --rounds 5

Starts two LocalStacks (the tools must be set up: `make up` once): one as it comes, without our plug-in, in an
environment that is made for it; one with the plug-in. Each measure is taken in turns, the best of the rounds counts, so
that the ratio means something on a busy machine. A ratio above 1 means that ours is faster.
"""

import argparse
import contextlib
import io
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3
import psutil
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from laketop import settings as configuration
from laketop.settings import Settings
from laketop.stack import checkout, parts

ROOT = Path(__file__).resolve().parent.parent
BUCKET = "benchmark"
SMALL, LARGE = os.urandom(1 << 10), os.urandom(100 << 20)
PART = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=16 << 20, max_concurrency=4)

type Measure = Callable[[Any], object]


def plain_environment() -> Path:
    """An environment with LocalStack but without our plug-in; returns its Python."""
    folder = checkout.tools() / "envs" / "localstack-plain"
    command = [checkout.uv(), "sync", "--quiet", "--no-progress", "--locked", "--no-install-project"]
    subprocess.run(
        [*command, "--compile-bytecode", "--project", str(ROOT / "services" / "localstack")],
        env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(folder)},
        check=True,
    )
    return folder / "bin" / "python"


class Server:
    """A LocalStack of the benchmark's own.

    Args:
        name: what the tables call it.
        python: the interpreter that runs it.
        state: its state folder.
    """

    def __init__(self, name: str, python: Path, state: Path) -> None:
        self.name, self._python, self.state = name, python, state
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._settings: Settings = configuration.load({"LAKETOP_STATE": str(state), "LAKETOP_PORT": str(port)})
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=self._settings.endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(max_pool_connections=16, read_timeout=300, s3={"addressing_style": "path"}),
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; returns the seconds until S3 answered."""
        environment = parts.parts(self._settings, "LAKETOPBENCHMARK", Path())[0].environment
        if self.name == "stock":
            environment.pop("LAMBDA_RUNTIME_EXECUTOR")
        self.state.mkdir(exist_ok=True)
        began = time.monotonic()
        with (self.state / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._python), "-P", "-m", "localstack.runtime.main"],
                env=environment, stdout=log, stderr=log, cwd=self.state,
            )  # fmt: skip
        while not self._ready():
            time.sleep(0.05)
        self.s3.list_buckets()
        return time.monotonic() - began

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"LocalStack ended: see {self.state / 'log'}")
        with contextlib.suppress(URLError, OSError), urlopen(f"{self._settings.endpoint}/_localstack/health") as page:
            return bool(page.status == 200)
        return False

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    @property
    def memory(self) -> float:
        """Its resident memory in MiB."""
        assert self._process is not None
        return float(psutil.Process(self._process.pid).memory_info().rss / 2**20)


def many(count: int, call: Callable[[Any, int], object]) -> Measure:
    """A call so many times."""

    def run(s3: Any) -> None:
        for number in range(count):
            call(s3, number)

    return run


def listing(s3: Any) -> None:
    """All keys of a listing, 1,000 a page."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="many/")
    assert sum(len(page["Contents"]) for page in pages) == 10_000


def parallel_fill(s3: Any) -> None:
    """The 10,000 keys that are listed."""
    for number in range(10_000):
        s3.put_object(Bucket=BUCKET, Key=f"many/year={number % 10}/part-{number:05}", Body=b"")


MEASURES: dict[str, tuple[int, Measure]] = {
    "PUT 1 KB": (200, many(200, lambda s3, n: s3.put_object(Bucket=BUCKET, Key=f"small-{n}", Body=SMALL))),
    "GET 1 KB": (200, many(200, lambda s3, n: s3.get_object(Bucket=BUCKET, Key=f"small-{n}")["Body"].read())),
    "COPY 1 KB": (
        100, many(100, lambda s3, n: s3.copy_object(Bucket=BUCKET, Key=f"copy-{n}", CopySource=f"{BUCKET}/small-{n}"))
    ),
    "DELETE of 100 keys": (
        1, lambda s3: s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": f"copy-{n}"} for n in range(100)]})
    ),
    "PUT 100 MB": (1, lambda s3: s3.put_object(Bucket=BUCKET, Key="large", Body=LARGE)),
    "GET 100 MB": (1, lambda s3: s3.get_object(Bucket=BUCKET, Key="large")["Body"].read()),
    "GET 8 KB of 100 MB": (
        100,
        many(100, lambda s3, n: s3.get_object(
            Bucket=BUCKET, Key="large", Range=f"bytes={n * 1_000_000}-{n * 1_000_000 + 8191}")["Body"].read()),
    ),
    "COPY 100 MB": (
        1, lambda s3: s3.copy_object(Bucket=BUCKET, Key="large-copy", CopySource=f"{BUCKET}/large")
    ),
    "multipart 100 MB": (1, lambda s3: s3.upload_fileobj(io.BytesIO(LARGE), BUCKET, "parts", Config=PART)),
    "list 10,000 keys": (1, listing),
}  # fmt: skip


def milliseconds(server: Server, count: int, measure: Measure) -> float:
    """What one operation took."""
    began = time.monotonic()
    measure(server.s3)
    return (time.monotonic() - began) * 1000 / count


def speeds(stock: Server, ours: Server, rounds: int) -> None:
    """Print a line a measure."""
    for server in (stock, ours):
        parallel_fill(server.s3)
    for name, (count, measure) in MEASURES.items():
        runs = [[milliseconds(server, count, measure) for server in (stock, ours)] for _ in range(rounds)]
        theirs, own = (min(times) for times in zip(*runs, strict=True))
        print(f"{name:20} stock {theirs:9.2f} ms  ours {own:9.2f} ms  {theirs / own:6.2f} x", flush=True)


def memory(stock: Server, ours: Server, gigabytes: int) -> None:
    """Print what objects of so many gigabytes cost in memory."""
    for server in (stock, ours):
        before = server.memory
        for number in range(gigabytes * 10):
            server.s3.put_object(Bucket=BUCKET, Key=f"heap/{number}", Body=LARGE)
        print(f"memory, {gigabytes} GB in   {server.name:6} {before:5.0f} MiB → {server.memory:5.0f} MiB", flush=True)


def start_full(ours: Server, objects: int) -> None:
    """Print how long a start takes with so many objects."""
    ours.stop()
    empty = ours.start()
    ours.stop()
    command = [
        str(checkout.python("localstack")),
        str(ROOT / "benchmarks" / "s3_fill.py"),
        str(ours.state),
        str(objects),
    ]
    subprocess.run(command, check=True)
    full = ours.start()
    print(f"start until S3 answers: {empty:.1f} s, with {objects:,} objects more {full:.1f} s", flush=True)


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """A server that runs and has the bucket."""
    try:
        print(f"{server.name}: started in {server.start():.1f} s", flush=True)
        server.s3.create_bucket(Bucket=BUCKET)
        yield server
    finally:
        server.stop()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gigabytes", type=int, default=5)
    parser.add_argument("--objects", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        stock = Server("stock", plain_environment(), Path(name, "stock"))
        ours = Server("ours", checkout.python("localstack"), Path(name, "ours"))
        with running(stock), running(ours):
            speeds(stock, ours, given.rounds)
            memory(stock, ours, given.gigabytes)
            start_full(ours, given.objects)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
