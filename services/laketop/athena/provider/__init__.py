"""The Athena API's operations: unpack the request, one call, shape the answer."""
