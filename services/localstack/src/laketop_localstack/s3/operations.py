"""Which operations of S3 change which records. A test holds the table against botocore's model.

What is in no row changes nothing: reads, and what LocalStack's provider does not have.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Touched(Enum):
    """What an operation changes, as its request and its answer name it."""

    BUCKET = auto()  # the bucket's settings and tags, or its existence
    OBJECT = auto()  # versions of the key
    OBJECTS = auto()  # versions of the keys of a Delete document
    UPLOAD = auto()  # the upload's existence
    PART = auto()  # one part of the upload


TOUCHED: Mapping[str, tuple[Touched, ...]] = {
    **dict.fromkeys(
        (
            "CreateBucket",
            "DeleteBucket",
            "DeleteBucketAnalyticsConfiguration",
            "DeleteBucketCors",
            "DeleteBucketEncryption",
            "DeleteBucketIntelligentTieringConfiguration",
            "DeleteBucketInventoryConfiguration",
            "DeleteBucketLifecycle",
            "DeleteBucketMetricsConfiguration",
            "DeleteBucketOwnershipControls",
            "DeleteBucketPolicy",
            "DeleteBucketReplication",
            "DeleteBucketTagging",
            "DeleteBucketWebsite",
            "DeletePublicAccessBlock",
            "PutBucketAccelerateConfiguration",
            "PutBucketAcl",
            "PutBucketAnalyticsConfiguration",
            "PutBucketCors",
            "PutBucketEncryption",
            "PutBucketIntelligentTieringConfiguration",
            "PutBucketInventoryConfiguration",
            "PutBucketLifecycleConfiguration",
            "PutBucketLogging",
            "PutBucketMetricsConfiguration",
            "PutBucketNotificationConfiguration",
            "PutBucketOwnershipControls",
            "PutBucketPolicy",
            "PutBucketReplication",
            "PutBucketRequestPayment",
            "PutBucketTagging",
            "PutBucketVersioning",
            "PutBucketWebsite",
            "PutObjectLockConfiguration",
            "PutPublicAccessBlock",
        ),
        (Touched.BUCKET,),
    ),
    **dict.fromkeys(
        (
            "CopyObject",
            "DeleteObject",
            "DeleteObjectTagging",
            "PostObject",
            "PutObject",
            "PutObjectAcl",
            "PutObjectLegalHold",
            "PutObjectRetention",
            "PutObjectTagging",
            "RestoreObject",
        ),
        (Touched.OBJECT,),
    ),
    "DeleteObjects": (Touched.OBJECTS,),
    "CreateMultipartUpload": (Touched.UPLOAD,),
    "AbortMultipartUpload": (Touched.UPLOAD,),
    "CompleteMultipartUpload": (Touched.OBJECT, Touched.UPLOAD),
    "UploadPart": (Touched.PART,),
    "UploadPartCopy": (Touched.PART,),
}

# S3 Control: its two operations that write into S3's own records
TOUCHED_BY_CONTROL: Mapping[str, tuple[Touched, ...]] = {
    "TagResource": (Touched.BUCKET,),
    "UntagResource": (Touched.BUCKET,),
}
