"""Results as Athena gives them: texts of values, CSV files in S3, pages of rows."""
