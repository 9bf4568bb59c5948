"""The items of a distributed Map on its page, and the way from the picture down to the item."""

import re

from tests.console_server import Console
from tests.integration.api.executions import ended
from tests.machines import distributed, each, only


def test_the_failed_item_of_many_is_first_and_leads_to_its_own_execution(
    console: Console,
) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 17, "Next": "Break"}],
        "Default": "Done",
    }
    processor = distributed(choice)
    (first,) = processor["States"]
    processor["States"] |= {
        "Break": {"Type": "Fail", "Error": "Broken", "Cause": "seventeen"},
        "Done": {"Type": "Succeed"},
    }
    fan = each(processor, ToleratedFailureCount=1, Label="Items")
    arn = console.start(console.machine("items", only(fan, "Each")), list(range(130)))
    assert ended(console.client, arn)["status"] == "SUCCEEDED"
    page = console.page("execution", arn=arn, state="Each")
    (run,) = set(re.findall(r'href="(/console/map-run\?[^"]+)"', page))
    items = console.browser.get(run).text
    assert "Failed 1" in items
    assert "Succeeded 129" in items
    (child,) = re.findall(r'row"><a href="([^"]+)"', items)
    assert "Broken" in items
    assert "seventeen" in items
    own = console.browser.get(child).text
    assert "Map run of Each" in own
    assert first in own
    assert "Broken" in own
    positions: list[str] = []
    address = f"{run}&group=succeeded"
    while address:
        succeeded = console.browser.get(address).text
        positions += re.findall(r'<td class="number">(\d+)</td><th', succeeded)
        address = "".join(re.findall(r'rel="next" href="([^"]+)"', succeeded)).replace("&amp;", "&")
    assert [int(each) for each in positions] == [n for n in range(129, -1, -1) if n != 17]
