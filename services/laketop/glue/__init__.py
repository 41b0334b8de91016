"""The Glue API: the Data Catalog, job definitions and job runs."""
