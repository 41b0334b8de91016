"""The awsglue library, written from AWS public documentation."""
