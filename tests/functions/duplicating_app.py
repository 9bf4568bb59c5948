"""The application of StateBag with a broker that delivers everything twice: ``celery -A``."""

from tasks.celery import app
from tests.functions.publishing_faults import publish_twice

__all__ = ["app"]

publish_twice(app)
