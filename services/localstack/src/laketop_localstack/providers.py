"""Providers of ours in LocalStack's place.

S3 and S3 Control: objects as plain files, and a lake that outlives the process (`laketop_localstack.s3`).

DynamoDB: LocalStack downloads a Java machine and a Java server when it is first used; moto, which LocalStack brings
along, answers all of the API by itself.
"""

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import _proxy_moto
from localstack.services.plugins import Service, aws_provider

# service → the provider's name, as LocalStack's PROVIDER_OVERRIDE_<SERVICE> would have it
CHOSEN = {"dynamodb": "laketop", "s3": "laketop", "s3control": "laketop"}


@aws_provider(api="dynamodb", name="laketop")  # type: ignore[untyped-decorator]
def dynamodb() -> Service:
    """DynamoDB by moto."""
    model = load_service("dynamodb")
    return Service(name="dynamodb", skeleton=Skeleton(model, dict.fromkeys(model.operation_names, _proxy_moto)))
