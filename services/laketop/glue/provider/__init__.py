"""The Glue API's operations, a module a family: each unpacks the request, makes one call, shapes the answer."""
