"""The driver process: warms up Spark, waits for one run, runs its script, ends.

It runs in the environment of the jobs, where Laketop is not installed: standard library, boto3 and pyspark only, and
imports relative to this folder, because there the package goes by another name (see `main`).
"""
