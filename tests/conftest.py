"""Fixtures that every suite may use."""

pytest_plugins = [
    "tests.services",
    "tests.s3_server",
    "tests.platforms",
    "tests.api_server",
    "tests.console_server",
    "tests.process_services",
]
