"""A Celery application with the configuration of StateBag and two tasks to try it with."""

from celery import Celery

from config.celeryconfig import celery_config
from config.settings import Settings, load_settings


def value(value: object) -> object:
    """Return the argument."""
    return value


def total(values: list[int]) -> int:
    """Return the sum of the results of a chord's header."""
    return sum(values)


def echo_application(settings: Settings) -> Celery:
    """The application with these settings."""
    application = Celery("echo", set_as_current=False)
    application.conf.update(celery_config(settings))
    application.task(name="echo.value", ignore_result=False)(value)
    application.task(name="echo.total", ignore_result=False)(total)
    return application


app = echo_application(load_settings())
