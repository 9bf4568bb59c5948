# The image of every StateBag process: worker, beat, endpoint, Flower and the command line.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore \
    STATEBAG_DATA_DIR=/var/lib/statebag

WORKDIR /app

COPY requirements/server.txt requirements/server.txt
RUN pip install --require-hashes --requirement requirements/server.txt

COPY pyproject.toml README.md ./
COPY config config
COPY pipeline pipeline
COPY tasks tasks

# Editable, so that config/ may be replaced by a mounted directory.
RUN pip install --no-deps --no-build-isolation --editable . \
    && useradd --system --create-home statebag \
    && install --directory --owner=statebag /var/lib/statebag

USER statebag
CMD ["statebag", "worker"]
