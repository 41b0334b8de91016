"""The LocalStack plug-in: the only code of Laketop that imports LocalStack.

It hands Glue and Athena requests on as they came (`handover`), runs Lambda functions as processes (`functions`),
refuses by name what could never work (`refusals`), and mends what LocalStack 4.14.0 does wrong (`patches`, one file
each).
"""
