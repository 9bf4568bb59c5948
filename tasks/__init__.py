"""What runs on workers: the engine's tasks, and the functions of the Smart StateBag."""

from pathlib import Path

# The contract's public names have no room in them: ``tasks.state_data_manager`` is found in the
# folder of the Smart StateBag, by functions files and by the templates of earlier releases.
__path__.append(str(Path(__file__).parent / "smart_statebag"))
