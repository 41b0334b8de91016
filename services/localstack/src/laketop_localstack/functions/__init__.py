"""Lambda functions as processes of this machine: a Runtime API server and an interpreter for each execution
environment.
"""
