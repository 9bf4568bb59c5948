"""Starting an execution while the broker is away."""

import socket
from pathlib import Path

from config.settings import Settings
from pipeline.executions.lifecycle import find_execution, start_execution
from pipeline.ledger import frames
from tasks.celery import create_app

DEFINITION = (
    '{"StartAt": "Call", "States": {"Call": {"Type": "Task", "End": true,'
    ' "Resource": "arn:aws:lambda:us-east-1:000000000000:function:echo"}}}'
)


def test_an_execution_starts_and_its_message_is_owed(tmp_path: Path) -> None:
    functions = tmp_path / "functions.toml"
    functions.write_text(
        '[functions.echo]\nprovider = "python"\nhandler = "tests.functions.handlers:echo"\n'
    )
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
        settings = Settings(
            broker_url=f"amqp://guest:guest@{nowhere}//",
            result_backend=f"redis://{nowhere}/0",
            ledger_url=f"sqlite:///{tmp_path}/ledger.db",
            object_store=str(tmp_path / "objects"),
            functions_file=functions,
        )
        app = create_app(settings)
        row = start_execution(app.engine, machine_name="away", definition=DEFINITION, input={})
    assert find_execution(app.engine, row.arn).status == "RUNNING"
    with app.engine.database.reading() as connection:
        due = frames.due(connection, row.started_at + 2 * settings.redelivery_seconds, 10)
    assert [frame.id for frame in due] == [row.id]
    app.close_engine()
