"""Large fields leave the bag for S3, each in the form its readers expect (Contract 3.2)."""

from tasks.smart_statebag.bag.access import BagAccess
from tasks.smart_statebag.bag.envelopes import kind_of, s3_reference, wrapper
from tasks.smart_statebag.bag.field_sets import NEVER_OFFLOADED
from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.bag.sizes import FIELD_LIMIT, KB, size_of
from tasks.smart_statebag.bag.state_documents import MAIN, write_state

SMALLEST = KB
"""A reference to a field of this size or less would save nothing."""


def offload_field(bag: JsonObject, name: str, access: BagAccess) -> None:
    """Replace one field of a bag by its pointer, wrapper or reference."""
    FORMS.get(name, _as_reference)(bag, name, access)


def offload_large_fields(bag: JsonObject, access: BagAccess) -> bool:
    """Offload every field above 30 KB and slim the lists that Maps read.

    Returns:
        Whether anything was offloaded.
    """
    large = [name for name in bag if _may_leave(bag, name) and size_of(bag[name]) > FIELD_LIMIT]
    for name in large:
        offload_field(bag, name, access)
    return slim_map_lists(bag, access) or bool(large)


def offload_until(bag: JsonObject, limit: int, access: BagAccess) -> bool:
    """Offload fields, largest first, until the bag has at most ``limit`` bytes or none is left.

    Returns:
        Whether anything was offloaded.
    """
    size = size_of(bag)
    if size <= limit:
        return False
    sizes = {name: size_of(bag[name]) for name in bag if _may_leave(bag, name)}
    offloaded = False
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if size <= limit or sizes[name] <= SMALLEST:
            break
        offload_field(bag, name, access)
        size = size_of(bag)
        offloaded = True
    return offloaded


def slim_map_lists(bag: JsonObject, access: BagAccess) -> bool:
    """Take the large parts out of the elements of a list above 30 KB that a Map reads."""
    slimmed = False
    for name, slim in SLIMMERS.items():
        elements = bag.get(name)
        if isinstance(elements, list) and size_of(elements) > FIELD_LIMIT:
            slim(bag, elements, access)
            slimmed = True
    return slimmed


def _may_leave(bag: JsonObject, name: str) -> bool:
    value = bag[name]
    return (
        name not in NEVER_OFFLOADED and value is not None and kind_of(value) in (None, "compressed")
    )


def _as_reference(bag: JsonObject, name: str, access: BagAccess) -> None:
    written = access.write(access.keys.field(name), bag[name])
    bag[name] = s3_reference(written, stored_at=access.now_iso())


def _map_to_pointer(bag: JsonObject, name: str, access: BagAccess) -> None:
    bag["partition_map_s3_path"] = access.write(access.keys.partition(), bag[name]).path
    bag[name] = None


def _configuration_to_pointer(bag: JsonObject, name: str, access: BagAccess) -> None:
    # Its pointer is in every bag after Init; the inline copy may go.
    if bag.get("workflow_config_s3_path") is None:
        configuration = access.hydrator.hydrate(bag[name])
        written = access.write(access.keys.config(), configuration)
        bag["workflow_config_s3_path"] = written.path
    bag[name] = None


def _state_to_wrapper(bag: JsonObject, name: str, access: BagAccess) -> None:
    bag[name] = wrapper(write_state(bag[name], bag, access, scope=MAIN))


def _slim_branches(bag: JsonObject, elements: list[Json], access: BagAccess) -> None:
    slim: list[Json] = []
    for element in elements:
        if isinstance(element, dict) and element.get("partition_map") is not None:
            branch = dict(element)
            _map_to_pointer(branch, "partition_map", access)
            slim.append(branch)
        else:
            slim.append(element)
    bag["pending_branches"] = slim


def _slim_manifest(bag: JsonObject, elements: list[Json], access: BagAccess) -> None:
    if bag.get("segment_manifest_s3_path") is None:
        written = access.write(access.keys.manifest(), elements)
        bag["segment_manifest_s3_path"] = written.path
    bag["segment_manifest"] = [
        {**element, "segment_config": None} if isinstance(element, dict) else element
        for element in elements
    ]


FORMS = {
    "partition_map": _map_to_pointer,
    "workflow_config": _configuration_to_pointer,
    "current_state": _state_to_wrapper,
}
"""Fields that have a form of their own; every other becomes an ``s3_reference``."""

SLIMMERS = {"pending_branches": _slim_branches, "segment_manifest": _slim_manifest}
"""Lists that Maps read: they stay, their elements' large parts go."""
