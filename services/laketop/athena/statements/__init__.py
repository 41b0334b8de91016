"""The statements that write: what each does to the catalog and to the objects of the lake."""
