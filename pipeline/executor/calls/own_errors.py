"""Names of the errors that only StateBag has; the rest are the specification's."""

OBJECT_STORE_UNAVAILABLE = "StateBag.ObjectStoreUnavailable"
"""The result of a function could not be stored; a retrier may match it."""

WORKER_LOST = "StateBag.WorkerLost"
"""In the history: the worker was lost with the call, which is made again. As the error of a Task
state: that happened too often."""
