"""Apache Iceberg tables: from a table's metadata to the data files of a snapshot, and to columns by field id.

The catalog names the metadata file; pyiceberg reads it, the manifest lists and the manifests (planning), DuckDB the
data and delete files (rows). pyiceberg is imported when the first Iceberg table is asked for: it takes half a second.
"""
