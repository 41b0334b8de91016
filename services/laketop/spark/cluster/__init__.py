"""Spark standalone clusters: starting their master and workers, and what runs need to know of one."""
