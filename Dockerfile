FROM python:3.11-slim

WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY rules rules
COPY storage storage
COPY schedules schedules
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 fontconfig fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --constraint constraints.txt '.[postgres,pdf]' \
    && useradd --create-home --home-dir /home/banzhang banzhang \
    && install --directory --owner banzhang /data

USER banzhang
ENV BANZHANG_DATA_DIR=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["banzhang", "serve", "--host", "0.0.0.0", "--port", "8000"]
