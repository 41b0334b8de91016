"""The `awsglue` library of Laketop's Glue jobs, written from AWS's public documentation.

What is here behaves as documented; what is not is refused by name when a script touches it, never passed over.
"""
