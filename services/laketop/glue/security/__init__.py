"""Security configurations: how what runs write is encrypted."""
