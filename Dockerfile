# The service as a wheel in an environment of its own. Everything comes from requirements.lock, by hash;
# nothing is compiled. tests/house/test_image.py carries out these steps without a container engine.
# The base image can be chosen: --build-arg PYTHON_IMAGE=…
ARG PYTHON_IMAGE=python:3.12-slim

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock ./
# The lock holds the development tools too, so all of it is fetched and checked here, and the installation
# below picks what the service needs from the checked files, without any index.
RUN python -m pip wheel --quiet --require-hashes --requirement requirements.lock --wheel-dir /wheels
COPY LICENSE hatch_build.py pyproject.toml ./
COPY src ./src
COPY migrations ./migrations
RUN python -m pip install --quiet --no-index --find-links /wheels hatchling
RUN python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels .
RUN python -m venv --without-pip /opt/tracing
RUN python -m pip --python /opt/tracing install --quiet --no-index --find-links /wheels "tracing[postgres]"

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/tracing/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TRACING_DATA_DIR=/data \
    TRACING_HOST=0.0.0.0
COPY --from=build /opt/tracing /opt/tracing
RUN install --directory --mode 0700 --owner 10001 --group 10001 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
CMD ["tracing", "serve"]
