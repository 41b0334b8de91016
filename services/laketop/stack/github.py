"""The few requests to GitHub's REST API that the workflows make, of the repository whose workflow it is."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from laketop.stack.messages import ExitCode, StackError

BOT = "github-actions[bot]"  # who acts with a workflow's own token
_VARIABLES = ("GITHUB_REPOSITORY", "GITHUB_TOKEN")
_PAGE = 100  # the most that GitHub gives at once


@dataclass(frozen=True)
class Repository:
    """A repository at GitHub.

    Attributes:
        http: a client with GitHub's address and a token.
        name: `owner/name`.
        run_url: where a workflow's run is to be seen, or "" outside one.
    """

    http: httpx.Client
    name: str
    run_url: str = ""

    def pages(self, path: str, items: str = "", **parameters: str) -> Iterator[dict[str, Any]]:
        """All items of a list, page by page.

        Args:
            path: below the repository, e.g. `issues`.
            items: the key of the items in each answer, "" where the answer is the list.
            parameters: of the first request.

        Raises:
            StackError: GitHub refused a request, or cannot be reached.
        """
        url = self._url(path)
        query: Mapping[str, str] | None = {**parameters, "per_page": str(_PAGE)}
        while url:
            answer = self._request("GET", url, params=query)
            found = answer.json()
            yield from found[items] if items else found
            url, query = answer.links.get("next", {}).get("url", ""), None  # the next address has the parameters

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> None:
        """Create or change something.

        Raises:
            StackError: GitHub refused it, or cannot be reached.
        """
        self._request(method, self._url(path), json=body)

    def download(self, url: str) -> bytes:
        """The bytes behind an address that GitHub gave; it may send us on to its storage, without the token.

        Raises:
            StackError: GitHub refused it, or cannot be reached.
        """
        return self._request("GET", url, follow_redirects=True).content

    def _url(self, path: str) -> str:
        return f"/repos/{self.name}/{path}"

    def _request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        try:
            answer = self.http.request(method, url, **arguments)
        except httpx.HTTPError as error:
            raise StackError("GitHub", f"{method} {url}: {error}", "run it again") from error
        if answer.is_error:
            hint = "the token needs the permission; a workflow's has what its job's `permissions:` say"
            raise StackError("GitHub", f"{method} {url}: {answer.status_code} {_reason(answer)}", hint)
        return answer


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason_phrase


def by_workflow(item: Mapping[str, Any]) -> bool:
    """Whether an issue or a comment was written with a workflow's own token."""
    return (item.get("user") or {}).get("login") == BOT  # GitHub gives no user where the account is gone


def connect(environment: Mapping[str, str] = os.environ) -> Repository:
    """The repository that the variables of a workflow name (also by hand, with a token of one's own).

    Raises:
        StackError: GITHUB_REPOSITORY or GITHUB_TOKEN is not set.
    """
    for name in _VARIABLES:
        if not environment.get(name):
            hint = "in a workflow, hand on `github.token`; by hand, set GITHUB_REPOSITORY=owner/name and a token"
            raise StackError(name, "it is not set", hint, ExitCode.USAGE)
    client = httpx.Client(
        base_url=environment.get("GITHUB_API_URL", "https://api.github.com"),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {environment['GITHUB_TOKEN']}",
            "X-GitHub-Api-Version": "2022-11-28",
        },
        timeout=30,
        transport=httpx.HTTPTransport(retries=3),
    )
    name = environment["GITHUB_REPOSITORY"]
    run = environment.get("GITHUB_RUN_ID")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    return Repository(client, name, f"{server}/{name}/actions/runs/{run}" if run else "")
