import json

import pytest
from laketop_localstack.handover import HandOver, part_for, unavailable


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("AWSGlue.GetTables", "glue"),
        ("AmazonAthena.StartQueryExecution", "athena"),
        ("AWSGlueDataBrew.ListJobs", None),
        ("AWSEvents.PutEvents", None),
        ("awsglue.GetTables", None),
        ("", None),
    ],
)
def test_the_target_names_the_part(target: str, part: str | None) -> None:
    assert part_for(target) == part


def test_the_answer_of_a_part_that_is_away() -> None:
    answer = unavailable("glue", "http://127.0.0.1:4567", "refused")

    assert answer.status == 503
    assert json.loads(answer.body) == {
        "__type": "ServiceUnavailableException",
        "message": "Laketop's glue does not answer at http://127.0.0.1:4567 (refused): run `make status`",
    }


def test_both_addresses_are_needed() -> None:
    with pytest.raises(KeyError, match="LAKETOP_ATHENA_URL"):
        HandOver({"LAKETOP_GLUE_URL": "http://127.0.0.1:1"})
