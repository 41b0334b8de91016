"""The pytest plug-in: `pytest --laketop`, and the fixtures `lake` and `shared_lake`.

The lake starts when the first test asks for it, and ends with the session, whatever ends that. With pytest-xdist each
worker has its own.
"""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # every pytest of an environment loads this file: what a lake needs is imported with the first lake
    from laketop.testing.lake import Lake
    from laketop.testing.lending import Loan

WANTED = "run pytest with --laketop, which starts a throw-away lake for the tests"
_KEPT = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--laketop` and what belongs to it."""
    group = parser.getgroup("laketop", "a throw-away AWS lake (Laketop)")
    group.addoption("--laketop", action="store_true", help="start a lake for the tests that take the fixture `lake`")
    group.addoption(
        "--laketop-mode",
        choices=("process", "docker"),
        help="how the lake runs; default: as LAKETOP_MODE says, else as a new lake would choose",
    )
    group.addoption("--laketop-keep", action="store_true", help="leave the lake running at the end, for looking")


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the lakes that are kept."""
    config.stash[_KEPT] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse a run whose tests need a lake that nobody asked for.

    Raises:
        pytest.UsageError: names the option, and the first such test.
    """
    if session.config.getoption("laketop") or hasattr(session.config, "workerinput"):
        return  # a worker of pytest-xdist cannot refuse the run: there the fixture fails
    needing = [item.nodeid for item in session.items if _takes_ours(item)]
    if needing:
        others = f" (and {len(needing) - 1} more)" if needing[1:] else ""
        raise pytest.UsageError(f"{needing[0]}{others} needs a lake: {WANTED}")


def _takes_ours(item: pytest.Item) -> bool:
    """Whether a test takes this plug-in's lake; a project may have fixtures of these names of its own."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    return any(definition.func.__module__ == __name__ for definition in known.get("_laketop_loan", ())[-1:])


@pytest.fixture(scope="session")
def _laketop_loan(pytestconfig: pytest.Config) -> "Iterator[Loan]":
    """The session's lake."""
    if not pytestconfig.getoption("laketop"):
        pytest.fail(f"this test needs a lake: {WANTED}", pytrace=False)
    from laketop.testing import lending

    keep: bool = pytestconfig.getoption("laketop_keep")
    loan, problem = None, ""
    try:
        loan = lending.lend(
            pytestconfig.getoption("laketop_mode"),
            keep,
            tell=_teller(pytestconfig),
            at_once=pytestconfig.get_verbosity() > 1,
        )
    except lending.LendingError as error:
        problem = str(error)
    if loan is None:  # outside of the exception, whose trace pytest would show
        pytest.fail(f"no lake started\n{problem}", pytrace=False)
    if keep:
        pytestconfig.stash[_KEPT].append(lending.way_back(loan.lake))
    try:
        yield loan
    finally:
        loan.end()


@pytest.fixture(scope="session")
def shared_lake(_laketop_loan: "Loan") -> "Lake":
    """The lake for fixtures that live longer than a test: what they make, all tests may look at."""
    return _laketop_loan.named("shared")


@pytest.fixture
def lake(_laketop_loan: "Loan", request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> "Lake":
    """The lake for one test: its buckets, its database and its jobs have names of their own.

    While the test runs, AWS clients without an endpoint go to the lake as well: `AWS_*` of the environment is its.
    """
    import boto3

    found = _laketop_loan.named(request.node.name)
    environment = found.environment
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items() - os.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps the credentials that it has found
    return found


def _teller(config: pytest.Config) -> Callable[[str], None]:
    """Writes a line to the terminal, past pytest's capture."""
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")

    def tell(line: str) -> None:
        if capture and terminal:  # a worker of pytest-xdist has no terminal
            with capture.global_and_fixture_disabled():
                terminal.ensure_newline()
                terminal.write_line(f"laketop: {line}")

    return tell


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker of pytest-xdist keeps to the process that has the terminal."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["laketop_kept"] = session.config.stash[_KEPT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist keeps."""
    node.config.stash[_KEPT].extend(getattr(node, "workeroutput", {}).get("laketop_kept", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which lakes are still running, and how they end."""
    for line in config.stash[_KEPT]:
        terminalreporter.write_line(f"laketop: {line}", yellow=True)
