"""The LocalStack plug-in."""
