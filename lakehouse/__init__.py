"""What the pipeline's Lambdas, jobs and dashboards share: contracts, small helpers over AWS's APIs, one log format.

It needs boto3 and the standard library only, since it travels as a Lambda layer and as `--extra-py-files` of Glue jobs.
"""
