"""The parameters of states:startExecution.

AWS Step Functions Developer Guide, "Start a new AWS Step Functions state machine from a running
execution".
"""

from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "Input": "input",
    "Name": "name",
    "StateMachineArn": "stateMachineArn",
    "TraceHeader": "traceHeader",
}
"""Their names, and the names that the API's StartExecution gives them."""

REQUIRED = ("StateMachineArn",)
