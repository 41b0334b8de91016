"""Fills an object store with many small objects, without a server: for `s3_store.py`, in LocalStack's environment."""

import io
import os
import sys


def fill(state: str, count: int) -> None:
    """Put so many objects of 1 KB into the bucket `filled` of a lake that is down.

    Args:
        state: the lake's state folder.
        count: how many.
    """
    os.environ |= {"LAKETOP_STATE": state, "LAKETOP_S3_FSYNC": "none"}
    from laketop_localstack.s3 import memory, service
    from laketop_localstack.s3.saving import Change
    from localstack.services.s3.models import S3Bucket, S3Object, s3_stores

    store, saving, _ = service.opened()
    bucket = S3Bucket("filled", "000000000000", "us-east-1", owner={"ID": "benchmark"})
    records = s3_stores["000000000000"]["us-east-1"]
    records.buckets["filled"], records.global_bucket_map["filled"] = bucket, "000000000000"
    change = Change(saving.tree, saving.collector, "filled", settings=True)
    for number in range(count):
        made = S3Object(key=f"year={number % 10}/month={number % 12}/part-{number:06}.parquet", owner=bucket.owner)
        with store.open("filled", made, "w") as file:
            file.write(io.BytesIO(os.urandom(1024)))
            made.checksum_value = file.checksum
            bucket.objects.set(made.key, made)
        change.versions[made.key] = {"null"}
    saving.journal.write(change)
    assert memory.bucket("filled") is bucket
    store.close()


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
