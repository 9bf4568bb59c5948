"""What Task states reach: functions of every provider, AWS services, logs and events."""
