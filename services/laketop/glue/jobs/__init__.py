"""Job definitions: what a job is, what of it can be honoured."""
