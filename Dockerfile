# The program with everything it needs but a language model, which Ollama serves beside it.
# It installs by the same make rule that `make serve`, `make test` and CI use.
FROM python:3.12-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 rag

# An index with PyTorch's wheels for CPUs, if there is no GPU: the image is then gigabytes smaller.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_EXTRA_INDEX_URL=${PIP_EXTRA_INDEX_URL} \
    PIP_NO_CACHE_DIR=1 \
    PYTHONUNBUFFERED=1 \
    RAG_HOST=0.0.0.0 \
    RAG_PORT=8000 \
    RAG_INDEX_DIR=/app/index

WORKDIR /app
COPY Makefile pyproject.toml constraints.txt README.md ./
COPY rag rag
RUN make .venv/installed

COPY seeds seeds
RUN mkdir -p index && chown rag:rag index
USER rag
VOLUME /app/index
EXPOSE 8000

# Ready when the models are loaded and the index can be searched.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]

CMD [".venv/bin/rag", "serve", "--seed", "seeds"]
