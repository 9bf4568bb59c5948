"""Options of Flower, for ``flower --conf``; arguments of the command override them.

Tasks carry the names of the functions they call, so Flower's counts and runtimes are per function.
"""

from config.settings import load_settings

_data_dir = load_settings().data_dir
_data_dir.mkdir(parents=True, exist_ok=True)

address = "127.0.0.1"
port = 5555

tasks_columns = "name,state,args,kwargs,result,received,started,runtime,worker,retries"
natural_time = True

# Kept over a restart of Flower, and bounded: a large Map is tens of thousands of tasks.
persistent = True
db = str(_data_dir / "flower")
state_save_interval = 30_000  # milliseconds
max_tasks = 20_000

# A worker that was replaced leaves the list after ten minutes.
purge_offline_workers = 600

# Buckets in seconds, from an inline state to a function that takes as long as Lambda allows.
task_runtime_metric_buckets = [0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0, 120.0, 900.0]
