"""What the list of executions and the description of one both show."""

from pipeline.api.call import Output
from pipeline.ledger.rows import ExecutionRow


def execution_summary(row: ExecutionRow) -> Output:
    """An execution in the shape of AWS's ExecutionListItem."""
    return {
        "executionArn": row.arn,
        "stateMachineArn": row.machine_arn,
        "name": row.name,
        "status": row.status,
        "startDate": row.started_at,
        "stopDate": row.stopped_at,
        "stateMachineVersionArn": row.version_arn,
        "stateMachineAliasArn": row.alias_arn,
        "redriveCount": row.redrive_count,
        "redriveDate": row.redriven_at,
    }
