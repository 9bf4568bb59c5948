"""What moves a frame: wake-ups, bursts, lanes, joins."""
