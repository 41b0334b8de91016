"""S3 whose objects are plain files and whose buckets, objects and uploads outlive the process.

LocalStack's provider does what S3 does; it is given a store of files (`store`), and after every operation that changes
something the changed records are written to the index (`saving`), before the operation's answer. `operations` says
which operations those are. `laketop.storage` has the index and the folders, for readers in other processes too.
"""
