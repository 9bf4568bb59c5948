"""The targets of Task states: functions of every provider and AWS services; also logs and
events."""
