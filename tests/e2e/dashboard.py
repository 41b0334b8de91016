"""The dashboard of an environment: its address and key, and files through the pipeline for it to show."""

from pathlib import Path
from typing import Any

from laketop.stack import dashboard
from tests.e2e.pipeline import DATASETS, Pipeline, generate

ROWS = {"transactions": 3_000, "products": 200, "clickstream": 2_000, "reviews": 300}


def found(stack: Any) -> tuple[str, str]:
    """The page's address, and the key of its API."""
    gateway = stack.client("apigateway")
    site = dashboard.find(gateway, stack.env)
    endpoint = stack.settings.endpoint if hasattr(stack, "settings") else stack.environment.get("AWS_ENDPOINT_URL", "")
    return site.address(endpoint), dashboard.value_of_key(gateway, site.key)


def run_pipeline(pipeline: Pipeline, folder: Path, seed: int) -> str:
    """Bring a file of each dataset through the pipeline; returns the id of the run."""
    suffixes = {"transactions": "csv", "products": "csv", "clickstream": "parquet", "reviews": "jsonl"}
    files = {
        f"landing/{dataset}/dashboard.{suffixes[dataset]}": generate(
            folder, dataset, suffixes[dataset], ROWS[dataset], "--seed", pipeline.seed(seed)
        )
        for dataset in DATASETS
    }
    assert {outcome["outcome"] for outcome in pipeline.ingest(files).values()} == {"accepted"}
    return str(pipeline.transformed()["batch"]["run_id"])
