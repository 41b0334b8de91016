"""A server that answers the few requests of GitHub's REST API that the product makes, as GitHub documents them."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.ports import free_ports

BOT = {"login": "github-actions[bot]"}
PAGE = 2  # fewer than anybody asks for, so that every list has several pages


@dataclass
class GitHub:
    """What the server holds, and what it was asked.

    Attributes:
        address: its own.
        storage: the address of the host that keeps artefacts, another origin.
        issues: all issues; those of pull requests have a key more, as at GitHub.
        comments: issue number → comments.
        artefacts: those of the workflow runs; `content` is what the storage has.
        requests: (method, path, Authorization) of each request.
        status: what every request is answered with instead, e.g. 403.
    """

    address: str = ""
    storage: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    artefacts: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    status: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """The environment of a workflow's step."""
        return {"GITHUB_API_URL": self.address, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": "secret"}

    def add_issue(self, title: str, body: str | None, **more: Any) -> dict[str, Any]:
        issue = {"number": len(self.issues) + 1, "title": title, "body": body, "state": "open", "user": BOT, **more}
        self.issues.append(issue)
        return issue

    def open_titles(self) -> list[str]:
        return [issue["title"] for issue in self.issues if issue["state"] == "open"]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> Any:
        """The items of a list, or one thing."""
        path = path.removeprefix("/repos/o/r/")
        if (method, path) == ("GET", "issues"):
            return [issue for issue in self.issues if issue["state"] == query["state"][0]]
        if (method, path) == ("POST", "issues"):
            return self.add_issue(**body)
        if found := re.fullmatch(r"issues/(\d+)", path):
            issue = self.issues[int(found[1]) - 1]
            issue |= body if method == "PATCH" else {}
            return issue
        if found := re.fullmatch(r"issues/(\d+)/comments", path):
            comments = self.comments.setdefault(int(found[1]), [])
            if method == "GET":
                return comments
            comments.append({"id": 100 * int(found[1]) + len(comments), "user": BOT, **body})
            return comments[-1]
        if (found := re.fullmatch(r"issues/comments/(\d+)", path)) and method == "PATCH":
            comment = next(c for some in self.comments.values() for c in some if c["id"] == int(found[1]))
            comment |= body
            return comment
        if (method, path) == ("GET", "actions/artifacts"):
            return [
                {
                    "name": item["name"],
                    "expired": item["expired"],
                    "archive_download_url": f"{self.address}/zip/{number}",
                }
                for number, item in enumerate(self.artefacts)
                if item["name"] == query["name"][0]
            ]
        raise LookupError(path)


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def log_message(self, *arguments: Any) -> None: ...

    def _send(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _serve(self) -> None:
        hub, url = self.github, urlsplit(self.path)
        query = parse_qs(url.query)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        hub.requests.append((self.command, self.path, self.headers.get("Authorization")))
        if hub.status:
            return self._send(hub.status, json.dumps({"message": "Resource not accessible by integration"}).encode())
        if found := re.fullmatch(r"/zip/(\d+)", url.path):
            return self._send(302, Location=f"{hub.storage}/blob/{found[1]}")
        if found := re.fullmatch(r"/blob/(\d+)", url.path):
            return self._send(200, hub.artefacts[int(found[1])]["content"])
        try:
            answer = hub.answer(self.command, url.path, query, body)
        except LookupError:
            return self._send(404, b'{"message": "Not Found"}')
        headers = {}
        if isinstance(answer, list):
            first = PAGE * (int(query.get("page", ["1"])[0]) - 1)
            if first + PAGE < len(answer):
                names = {name: values[0] for name, values in query.items()} | {"page": str(first // PAGE + 2)}
                following = "&".join(f"{name}={value}" for name, value in names.items())
                headers["Link"] = f'<{hub.address}{url.path}?{following}>; rel="next"'
            answer = answer[first : first + PAGE]
            if url.path.endswith("/artifacts"):
                answer = {"total_count": len(answer), "artifacts": answer}
        return self._send(201 if self.command == "POST" else 200, json.dumps(answer).encode(), **headers)

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the names that the base class calls


@contextmanager
def running() -> Iterator[GitHub]:
    """A server that runs, on two ports: the second is the storage."""
    hub = GitHub()
    handler = type("Handler", (_Handler,), {"github": hub})
    servers = [ThreadingHTTPServer(("127.0.0.1", free_ports()), handler) for _ in range(2)]
    hub.address, hub.storage = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield hub
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()
