"""The Data Catalog: databases, tables with their versions, partitions."""
