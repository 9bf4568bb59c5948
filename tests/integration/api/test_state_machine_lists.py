"""Lists of state machines and their pages over the endpoint, by boto3."""

from tests.api_server import Api
from tests.integration.api.machines import create, refused


def test_machines_are_listed_by_creation_within_account_and_region(api: Api) -> None:
    mine = api.client("stepfunctions", account_id="222233334444")
    arns = [create(mine)["stateMachineArn"] for _ in range(5)]
    create(api.client("stepfunctions", account_id="222233334444", region="eu-west-1"))
    pages = list(
        mine.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2})
    )
    assert [len(page["stateMachines"]) for page in pages] == [2, 2, 1]
    listed = [machine for page in pages for machine in page["stateMachines"]]
    assert [machine["stateMachineArn"] for machine in listed] == arns
    assert set(listed[0]) == {"stateMachineArn", "name", "type", "creationDate"}
    assert len(mine.list_state_machines(maxResults=0)["stateMachines"]) == 5


def test_a_page_goes_on_behind_a_machine_that_was_deleted_meanwhile(api: Api) -> None:
    mine = api.client("stepfunctions", account_id="333344445555")
    arns = [create(mine)["stateMachineArn"] for _ in range(3)]
    page = mine.list_state_machines(maxResults=2)
    mine.delete_state_machine(stateMachineArn=arns[1])
    rest = mine.list_state_machines(maxResults=2, nextToken=page["nextToken"])
    assert [machine["stateMachineArn"] for machine in rest["stateMachines"]] == arns[2:]
    assert "nextToken" not in rest


def test_a_token_serves_only_the_list_and_the_caller_it_was_made_for(api: Api) -> None:
    mine = api.client("stepfunctions", account_id="444455556666")
    for _ in range(2):
        create(mine)
    token = mine.list_state_machines(maxResults=1)["nextToken"]
    other = api.client("stepfunctions", account_id="555566667777")
    for client, given in ((mine, "x"), (mine, token[:-4]), (mine, "é"), (other, token)):
        with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
            client.list_state_machines(nextToken=given)
