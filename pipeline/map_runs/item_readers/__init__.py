"""Item readers: the items of a distributed Map that lie outside the execution.

Amazon States Language, "Map State", "ItemReader"; AWS Step Functions Developer Guide,
"ItemReader (Map)".
"""
