# The project without CUDA, for a laptop, a classroom server, Binder and dev containers. README.md, "In a container".
FROM python:3.12-slim-bookworm AS base

# make for the set-up, git for the editors that open the container.
RUN apt-get update && apt-get install --yes --no-install-recommends git make && rm -rf /var/lib/apt/lists/*

# Binder names the user; nothing runs as root.
ARG NB_USER=jovyan
ARG NB_UID=1000
ENV HOME=/home/${NB_USER} JUPYTER_PREFER_ENV_PATH=1
RUN useradd --create-home --shell /bin/bash --uid ${NB_UID} ${NB_USER} && install -d -o ${NB_USER} ${HOME}/eufcc
USER ${NB_USER}
WORKDIR ${HOME}/eufcc

FROM base AS project
ARG NB_USER=jovyan

# Without PyTorch's index of CPU builds the build stops and says so. It does not fall back by itself: the other build
# brings 5 GB of CUDA, which one should have asked for (--build-arg TORCH=).
ARG TORCH=cpu

# The packages first, with a library still empty, so that a change of the code does not install them again.
COPY --chown=${NB_USER} Makefile requirements.lock pyproject.toml README.md LICENSE ./
RUN mkdir eufcc_lib && touch eufcc_lib/__init__.py && make TORCH=${TORCH} .venv/.installed && rm -rf ${HOME}/.cache
ENV PATH=${HOME}/eufcc/.venv/bin:${PATH}

COPY --chown=${NB_USER} . .
# What the first lesson reads; `make book` trains the other models.
RUN make data/mini/.drawn && eufcc train frequency multi_label softmax

EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "notebooks/"]
