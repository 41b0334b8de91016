"""The sections of the page Pipeline: what each asks, and what of it stands where."""
