"""What the Data Catalog's users share: the types of its columns."""
