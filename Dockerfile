# AuraTune in one image: built with uv from the lock, run as a user without rights. Roles: serve, api, worker.
FROM python:3.12-slim AS build
COPY --from=ghcr.io/astral-sh/uv:0.13 /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
ARG EXTRAS="--extra cluster"
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev $EXTRAS --no-install-project
COPY README.md LICENSE ./
COPY src ./src
RUN uv sync --locked --no-dev $EXTRAS --no-editable

FROM python:3.12-slim
# The compiler is for the film's optional sampler, which is compiled once for the user that runs; it saves about a
# fifth of a film's CPU.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 auratune && install -d -o auratune -g auratune /data
COPY --from=build /app/.venv /app/.venv
COPY entrypoint.sh /usr/local/bin/auratune-entrypoint
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000 TEMP_DIR=/data
USER auratune
RUN python -c "from auratune.film.rendering.kernel import kernel; assert kernel()"
# The entrypoint starts as root, gives the data folder to the user, and drops root.
USER root
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/ready', timeout=4)"]
ENTRYPOINT ["auratune-entrypoint"]
CMD ["auratune", "serve"]
