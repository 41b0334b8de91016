"""The AWS JSON protocol: requests in, answers and errors out, events and metrics away.

Everything here follows botocore's service models; nothing here knows what a table or a query is.
"""
