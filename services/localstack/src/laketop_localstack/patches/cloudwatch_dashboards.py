"""CloudWatch: a dashboard that is not there.

LocalStack 4.14.0 answers `InvalidParameterValue`, by which Terraform cannot see that a dashboard ended with an earlier
LocalStack and has to be made again. AWS answers `ResourceNotFound`, also where such a dashboard is to be deleted.

AWS: "GetDashboard" and "DeleteDashboards" of the Amazon CloudWatch API reference.
"""

import functools
from collections.abc import Callable
from typing import Any

from localstack.aws.api.cloudwatch import DashboardNotFoundError
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider

from laketop_localstack.patches.replace import Patched

MODULE = "localstack.services.cloudwatch.provider_v2"
PATCHED = (
    Patched(
        MODULE, "CloudwatchProvider.get_dashboard", "3bc8932813fae963219e63844c77c0579167dca8cd67ac22f7633baeba8df79d"
    ),
    Patched(
        MODULE,
        "CloudwatchProvider.delete_dashboards",
        "6aa43472c7068b30ab78c5e2bddbb462b2aea095c9912416055d60ffcd588586",
    ),
)


def getting(get: Callable[..., Any]) -> Callable[..., Any]:
    """GetDashboard that says that there is none."""

    @functools.wraps(get)  # LocalStack finds operations by the marks that it left on them
    def got(self: Any, context: Any, dashboard_name: str, **members: Any) -> Any:
        _require(self, context, [dashboard_name])
        return get(self, context, dashboard_name, **members)

    return got


def deleting(delete: Callable[..., Any]) -> Callable[..., Any]:
    """DeleteDashboards that deletes all or, where one is not there, none."""

    @functools.wraps(delete)
    def deleted(self: Any, context: Any, dashboard_names: list[str], **members: Any) -> Any:
        _require(self, context, dashboard_names)
        return delete(self, context, dashboard_names, **members)

    return deleted


def _require(provider: Any, context: Any, names: list[str]) -> None:
    known = provider.get_store(context.account_id, context.region).dashboards
    for name in names:
        if name not in known:
            raise DashboardNotFoundError(f"Dashboard {name} does not exist")


def apply() -> None:
    """Tell dashboards that are not there as AWS does."""
    CloudwatchProvider.get_dashboard = getting(CloudwatchProvider.get_dashboard)
    CloudwatchProvider.delete_dashboards = deleting(CloudwatchProvider.delete_dashboards)
