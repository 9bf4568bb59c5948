"""Zips of Python code, as functions are created of."""

import io
import zipfile
from collections.abc import Mapping


def zip_of(files: Mapping[str, str] | str) -> bytes:
    """A zip of files by their names; of a text alone, as ``index.py``."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({"index.py": files} if isinstance(files, str) else files).items():
            # The same files make the same zip, whenever it is made.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()
