"""Item readers: reading the items of a distributed Map from S3.

Amazon States Language, "Map State", "ItemReader"; AWS Step Functions Developer Guide,
"ItemReader (Map)".
"""
