"""Every action that the endpoint serves, by AWS's name."""

from collections.abc import Mapping

from pipeline.api.actions.activities import (
    create_activity,
    delete_activity,
    describe_activity,
    get_activity_task,
    list_activities,
)
from pipeline.api.actions.aliases import (
    create_state_machine_alias,
    delete_state_machine_alias,
    describe_state_machine_alias,
    list_state_machine_aliases,
    update_state_machine_alias,
)
from pipeline.api.actions.definitions import validate_state_machine_definition
from pipeline.api.actions.execution_lists import list_executions
from pipeline.api.actions.executions import (
    describe_execution,
    redrive_execution,
    start_execution,
    stop_execution,
)
from pipeline.api.actions.express_executions import start_sync_execution
from pipeline.api.actions.histories import get_execution_history
from pipeline.api.actions.map_runs import describe_map_run, list_map_runs, update_map_run
from pipeline.api.actions.state_machines import (
    create_state_machine,
    delete_state_machine,
    describe_state_machine,
    describe_state_machine_for_execution,
    list_state_machines,
    update_state_machine,
)
from pipeline.api.actions.state_tests import test_state
from pipeline.api.actions.tags import list_tags_for_resource, tag_resource, untag_resource
from pipeline.api.actions.task_tokens import (
    send_task_failure,
    send_task_heartbeat,
    send_task_success,
)
from pipeline.api.actions.versions import (
    delete_state_machine_version,
    list_state_machine_versions,
    publish_state_machine_version,
)
from pipeline.api.call import Handler

ACTIONS: Mapping[str, Handler] = {
    "CreateActivity": create_activity,
    "CreateStateMachine": create_state_machine,
    "CreateStateMachineAlias": create_state_machine_alias,
    "DeleteActivity": delete_activity,
    "DeleteStateMachine": delete_state_machine,
    "DeleteStateMachineAlias": delete_state_machine_alias,
    "DeleteStateMachineVersion": delete_state_machine_version,
    "DescribeActivity": describe_activity,
    "DescribeExecution": describe_execution,
    "DescribeMapRun": describe_map_run,
    "DescribeStateMachine": describe_state_machine,
    "DescribeStateMachineAlias": describe_state_machine_alias,
    "DescribeStateMachineForExecution": describe_state_machine_for_execution,
    "GetActivityTask": get_activity_task,
    "GetExecutionHistory": get_execution_history,
    "ListActivities": list_activities,
    "ListExecutions": list_executions,
    "ListMapRuns": list_map_runs,
    "ListStateMachineAliases": list_state_machine_aliases,
    "ListStateMachines": list_state_machines,
    "ListStateMachineVersions": list_state_machine_versions,
    "ListTagsForResource": list_tags_for_resource,
    "PublishStateMachineVersion": publish_state_machine_version,
    "RedriveExecution": redrive_execution,
    "SendTaskFailure": send_task_failure,
    "SendTaskHeartbeat": send_task_heartbeat,
    "SendTaskSuccess": send_task_success,
    "StartExecution": start_execution,
    "StartSyncExecution": start_sync_execution,
    "StopExecution": stop_execution,
    "TagResource": tag_resource,
    "TestState": test_state,
    "UntagResource": untag_resource,
    "UpdateMapRun": update_map_run,
    "UpdateStateMachine": update_state_machine,
    "UpdateStateMachineAlias": update_state_machine_alias,
    "ValidateStateMachineDefinition": validate_state_machine_definition,
}
