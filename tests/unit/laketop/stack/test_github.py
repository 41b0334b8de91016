"""The client of GitHub's REST API, against a server that pages, redirects and refuses as GitHub does."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from laketop.stack import checkout, github
from laketop.stack.commands import fetch_release
from laketop.stack.messages import ExitCode, StackError
from tests.fixtures.fake_github import GitHub, running

RELEASE = "0123456789abcdef"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with running() as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        yield server


def archive(**files: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return content.getvalue()


def test_all_pages_of_a_list(hub: GitHub) -> None:
    for number in range(5):
        hub.add_issue(f"issue {number}", None)
    hub.issues[1]["state"] = "closed"
    titles = [issue["title"] for issue in github.connect().pages("issues", state="open")]
    assert titles == ["issue 0", "issue 2", "issue 3", "issue 4"]
    assert len(hub.requests) == 2
    assert {authorization for _, _, authorization in hub.requests} == {"Bearer secret"}


def test_what_is_refused_says_why(hub: GitHub) -> None:
    hub.status = 403
    with pytest.raises(
        StackError, match="GitHub: POST /repos/o/r/issues: 403 Resource not accessible by integration"
    ) as caught:
        github.connect().send("POST", "issues", {"title": "x"})
    assert "permissions" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_nobody_there() -> None:
    repository = github.connect(
        {"GITHUB_API_URL": "http://127.0.0.1:9", "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "t"}
    )
    with pytest.raises(StackError, match="GitHub: GET /repos/o/r/issues"):
        list(repository.pages("issues"))


@pytest.mark.parametrize("missing", ["GITHUB_REPOSITORY", "GITHUB_TOKEN"])
def test_a_variable_that_is_missing_is_named(missing: str) -> None:
    given = {"GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "t"}
    with pytest.raises(StackError, match=f"{missing}: it is not set") as caught:
        github.connect(given | {missing: ""})
    assert caught.value.code is ExitCode.USAGE


def test_where_the_run_is_seen() -> None:
    variables = {"GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "t"}
    assert github.connect(variables).run_url == ""
    seen = github.connect(variables | {"GITHUB_RUN_ID": "7", "GITHUB_SERVER_URL": "https://git.example"}).run_url
    assert seen == "https://git.example/o/r/actions/runs/7"


def test_an_earlier_release_comes_from_the_run_that_still_has_it(
    hub: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    left = tmp_path / "dist" / RELEASE / "left-over"
    left.parent.mkdir(parents=True)
    left.touch()
    hub.artefacts = [
        {"name": "release-fedcba9876543210", "expired": False, "content": archive(other="x")},
        *({"name": f"release-{RELEASE}", "expired": True, "content": b""} for _ in range(3)),
        {
            "name": f"release-{RELEASE}",
            "expired": False,
            "content": archive(**{"release.json": "{}", "sql/a.sql": "a"}),
        },
    ]
    fetch_release.run(RELEASE)
    assert capsys.readouterr().out == f"dist/{RELEASE}\n"
    folder = tmp_path / "dist" / RELEASE
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "release.json",
        "sql/a.sql",
    }
    # the storage is another origin, and must not see the token
    assert [authorization for _, path, authorization in hub.requests if path.startswith("/blob/")] == [None]


def test_a_release_that_is_gone(hub: GitHub) -> None:
    hub.artefacts = [{"name": f"release-{RELEASE}", "expired": True, "content": b""}]
    with pytest.raises(StackError, match=f"release {RELEASE}: GitHub has it no more"):
        fetch_release.run(RELEASE)


@pytest.mark.parametrize("release", ["", "0123456789ABCDEF", "../../etc/passwd", f"{RELEASE}0", f"{RELEASE}\n"])
def test_what_is_no_release_is_refused_before_anything_is_asked(hub: GitHub, release: str) -> None:
    with pytest.raises(StackError, match="16 hexadecimal digits are needed") as caught:
        fetch_release.run(release)
    assert caught.value.code is ExitCode.USAGE
    assert hub.requests == []
