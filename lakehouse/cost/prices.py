"""AWS's list prices: a table.

On demand, for `REGION`, without free tiers, volume discounts and savings plans: what a run costs an account that has
used those up. Where a price has tiers, the first. A megabyte is 10^6 bytes, as in Athena's own limits. To bring the
table up to date, read the pages that it names, and change prices and `READ` together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

REGION = "us-east-1"
READ = "2026-11-30"  # when the pages were read
MILLION = 1_000_000


@dataclass(frozen=True)
class Price:
    """What something costs.

    Attributes:
        service: AWS's name of the service.
        source: the title of AWS's page.
        what: what is paid for.
        unit: the unit of a quantity.
        usd: the price of `per` units.
        per: so many units.
    """

    service: str
    source: str
    what: str
    unit: str
    usd: Decimal
    per: Decimal

    def of(self, quantity: Decimal) -> Decimal:
        """The price of a quantity, in USD, not rounded."""
        return quantity * self.usd / self.per


# the first part of an item's name → the service, and the title of AWS's page with its prices
SERVICES: Mapping[str, tuple[str, str]] = {
    "glue": ("AWS Glue", "AWS Glue pricing"),
    "lambda": ("AWS Lambda", "AWS Lambda Pricing"),
    "states": ("AWS Step Functions", "AWS Step Functions Pricing"),
    "athena": ("Amazon Athena", "Amazon Athena pricing"),
    "s3": ("Amazon S3", "Amazon S3 pricing"),
    "events": ("Amazon EventBridge", "Amazon EventBridge pricing"),
    "sns": ("Amazon SNS", "Amazon SNS pricing"),
    "sqs": ("Amazon SQS", "Amazon SQS pricing"),
    "logs": ("Amazon CloudWatch", "Amazon CloudWatch Pricing"),
    "cloudwatch": ("Amazon CloudWatch", "Amazon CloudWatch Pricing"),
    "kms": ("AWS KMS", "AWS Key Management Service pricing"),
}

# item → price: what is paid for, its unit, USD for how many. What is paid by the month ends in `_month`.
PRICES: Mapping[str, Price] = {
    item: Price(*SERVICES[item.partition(".")[0]], what, unit, Decimal(usd), Decimal(per))
    for item, what, unit, usd, per in (
        ("glue.dpu_second", "Spark jobs", "DPU-seconds", "0.44", 3600),
        ("glue.flex_dpu_second", "Spark jobs, flexible", "DPU-seconds", "0.29", 3600),
        ("glue.catalog_request", "Data Catalog requests", "requests", "1.00", MILLION),
        ("lambda.gb_second", "duration, x86", "GB-seconds", "0.0000166667", 1),
        ("lambda.arm_gb_second", "duration, Arm", "GB-seconds", "0.0000133334", 1),
        ("lambda.request", "requests", "requests", "0.20", MILLION),
        ("states.transition", "state transitions", "transitions", "0.025", 1000),
        ("athena.megabyte", "data scanned", "MB", "5.00", MILLION),
        ("s3.put", "PUT, COPY, POST, LIST requests", "requests", "0.005", 1000),
        ("s3.get", "GET and all other requests", "requests", "0.0004", 1000),
        ("s3.gb_month", "storage, Standard", "GB-months", "0.023", 1),
        ("events.event", "custom events and S3's", "events", "1.00", MILLION),
        ("sns.publish", "publishes", "requests", "0.50", MILLION),
        ("sqs.request", "requests", "requests", "0.40", MILLION),
        ("logs.megabyte", "logs taken in", "MB", "0.50", 1000),
        ("cloudwatch.metric_month", "request metrics of S3", "metric-months", "0.30", 1),
        ("cloudwatch.alarm_month", "alarms", "alarm-months", "0.10", 1),
        ("cloudwatch.dashboard_month", "dashboards", "dashboard-months", "3.00", 1),
        ("kms.key_month", "keys", "key-months", "1.00", 1),
        ("kms.request", "requests", "requests", "0.03", 10_000),
    )
}
