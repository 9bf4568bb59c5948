"""The configuration of the Celery application, made from the settings."""

import math
from typing import Any

from config.settings import Mode, Settings

SWEEP_TASK = "statebag.sweep"

Config = dict[str, Any]


def celery_config(settings: Settings) -> Config:
    """The arguments of ``app.conf.update``."""
    by_mode = _embedded if settings.mode is Mode.EMBEDDED else _server
    return _messages() | _queues(settings) | _beat(settings) | by_mode(settings)


def _messages() -> Config:
    return {
        "accept_content": ["msgpack", "json"],
        "task_serializer": "msgpack",
        # Our results are empty; those we read come from other applications, which use JSON unless
        # they are configured otherwise.
        "result_serializer": "json",
        # A message is acknowledged after its transition is committed; if the worker dies before
        # that, the broker delivers it again.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        # The ledger recognises a repeated wake-up. Celery's own check would acknowledge a lane
        # that died between its result and its chord's count, and the chord would hang.
        "worker_deduplicate_successful_tasks": False,
        # Results are rows of the ledger; the header tasks of a chord override this.
        "task_ignore_result": True,
        "enable_utc": True,
        "timezone": "UTC",
    }


def _queues(settings: Settings) -> Config:
    return {
        "broker_url": settings.broker_url,
        "result_backend": settings.result_backend,
        "task_default_queue": settings.default_queue,
        "task_default_exchange": settings.default_queue,
        "task_default_routing_key": settings.default_queue,
        # Each thread that publishes needs a connection of its own.
        "broker_pool_limit": settings.concurrency + settings.api_threads + 2,
        "broker_connection_retry_on_startup": True,
        "worker_concurrency": settings.concurrency,
    }


def _beat(settings: Settings) -> Config:
    interval = settings.sweep_interval_seconds
    return {
        # The default scheduler keeps a file for entries that are due once a day; ours is due now.
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": {
            "sweep": {
                "task": SWEEP_TASK,
                "schedule": interval,
                # Without workers sweeps would pile up. The margin is for clocks that differ.
                "options": {"expires": max(10 * interval, 10.0)},
            }
        },
    }


_SHORT_RETRIES: Config = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}


def _embedded(_: Settings) -> Config:
    return {
        # Kombu warns at each connection of a URL that names no host.
        "broker_url": "memory://localhost/",
        "broker_transport_options": {"polling_interval": 0.01},
        "result_chord_retry_interval": 0.05,
        "worker_pool": "threads",
        # Polling fetches one round at a time: without a reserve the threads wait for it.
        "worker_prefetch_multiplier": 16,
        # No other process can reach this broker to watch events or to send commands.
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        # Logging and standard output belong to the command that embeds the worker.
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


def _server(settings: Settings) -> Config:
    return {
        "broker_transport_options": _transport_options(settings),
        "broker_connection_max_retries": None,
        "task_default_queue_type": "quorum",
        "task_default_exchange_type": "topic",
        # The queues of functions are like the default one. Both types matter on RabbitMQ only.
        "task_create_missing_queue_type": "quorum",
        "task_create_missing_queue_exchange_type": "topic",
        # Quorum queues refuse global QoS; Celery then sets it for each consumer.
        "worker_detect_quorum_queues": True,
        # The worker declares 28 queues for ETAs, which the engine never uses: the cheap kind.
        "broker_native_delayed_delivery_queue_type": "classic",
        "result_backend_always_retry": True,
        "redis_socket_keepalive": True,
        # Celery would try for 19 seconds to note the size of a chord, while the client that starts
        # the execution waits. The sweeper publishes later what is given up here.
        "result_backend_transport_options": {"retry_policy": _SHORT_RETRIES},
        "redis_socket_connect_timeout": 2.0,
        "redis_socket_timeout": 3.0,
        "redis_backend_health_check_interval": 30,
        "worker_pool": "prefork",
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 30.0,
        # A loaded machine takes longer than four seconds to fork and import.
        "worker_proc_alive_timeout": 30.0,
        # The broker redelivers the message of a lost connection, but the frame stays claimed for
        # this worker, so the second delivery does nothing. Cancelling would end a function that
        # is still running, only to call it again.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_send_task_events": True,
        # Workers greet each other over this exchange in the serializer of their tasks, which
        # stops a worker of another application that accepts JSON only.
        "control_exchange": settings.default_queue,
        # A second event for each message would tell Flower nothing but that it was sent.
        "task_send_sent_event": False,
    }


def _transport_options(settings: Settings) -> Config:
    if settings.broker_url.startswith(("amqp://", "amqps://")):
        return {"confirm_publish": True}
    return {
        # Redis does not link messages to connections: it redelivers any message that is not
        # acknowledged in this time. A redelivered wake-up for a claimed frame does nothing, so
        # long calls are safe.
        "visibility_timeout": max(60, math.ceil(2 * settings.redelivery_seconds)),
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # Every consumer restores any message it finds under these keys, so they must differ from
        # those of other applications on the same database, whose tasks may take long.
        "unacked_key": "statebag.unacked",
        "unacked_index_key": "statebag.unacked_index",
        "unacked_mutex_key": "statebag.unacked_mutex",
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
