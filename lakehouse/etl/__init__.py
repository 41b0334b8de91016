"""From the raw to the processed zone by a dataset's contract; for Glue jobs only, as it needs pyspark and awsglue.

`run` puts the steps together: `notes` (which files), `files` (their rows as text), `rows` (typed, checked,
deduplicated), `accounts` (what became of each row), `tables` (what is written and published).
"""
