"""What the page and its API are made of, and events as API Gateway makes them."""

from collections.abc import Callable
from typing import Any

RAW, PAGE = "lake-raw", "lake-page"
FILES = {"index.html": "<!doctype html>", "styles.css": "body {}", "app.js": "start();", "secret.txt": "no"}
NAMES = (
    "categories", "category_kpis", "conversion_funnel", "daily_kpis", "data_quality", "days", "pipeline_runs",
    "quality_by_dataset", "reconciliation", "top_products",
)  # fmt: skip


type Get = Callable[..., Any]


def event(path: str, method: str = "GET", headers: dict[str, str] | None = None, **query: str | list[str]) -> Any:
    """An event as API Gateway makes it, behind a custom domain that has the API below /shop."""
    values = {name: value if isinstance(value, list) else [value] for name, value in query.items()}
    below = {"/static/": ("/static/{file}", "file"), "/api/": ("/api/{proxy+}", "proxy")}
    start = next((start for start in below if path.startswith(start)), "")
    resource, name = below.get(start, (path, ""))
    return {
        "resource": resource,
        "httpMethod": method,
        "path": f"/shop{path}",
        "pathParameters": {name: path.removeprefix(start)} if name else None,
        "headers": headers,
        "queryStringParameters": {name: value[-1] for name, value in values.items()} or None,
        "multiValueQueryStringParameters": values or None,
    }
