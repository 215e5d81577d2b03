# The course in a box: docker build -t latentlab .
# then                 docker run --rm -p 127.0.0.1:8888:8888 latentlab    and open the address that it prints.
# For a class:         docker build --target hub -t latentlab-hub .        see compose.yaml and docs/classes.md.
# For an NVIDIA GPU:   docker build --build-arg LAB_DEVICE=cuda -t latentlab .   and run it with --gpus all.
# What changes seldom comes first: a step runs anew only when what it copies has changed, or a step before it.
FROM node:22-bookworm-slim AS base

# Python for JupyterLab and TensorFlow.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*

# Not root: a notebook may do what its user may.
RUN mkdir /course && chown node:node /course
WORKDIR /course
ARG LAB_DEVICE=cpu
ENV LAB_DEVICE=$LAB_DEVICE

# The compiler for the addon that joins TensorFlow and Node stays behind in this stage, as do the caches of npm and pip.
FROM base AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ \
 && rm -rf /var/lib/apt/lists/*
USER node

# The node modules, which change with their lock.
COPY --chown=node:node package.json package-lock.json .npmrc ./
COPY --chown=node:node lib/runtime/tfjs-node-shim lib/runtime/tfjs-node-shim
RUN npm ci --include=dev

# What the set-up needs: it makes .venv, the addon and the kernel.
COPY --chown=node:node requirements.txt requirements-cpu.txt requirements-cuda.txt tsconfig.json ./
COPY --chown=node:node docs/course-map.svg docs/course-map.zh.svg docs/
COPY --chown=node:node labextension labextension
COPY --chown=node:node scripts scripts
COPY --chown=node:node lib lib
RUN npm run setup

# Source maps and most headers serve debuggers and compilers only: half a gigabyte. (Set-up still looks at TensorFlow's own headers.)
FROM build AS made
RUN find node_modules -name "*.map" -type f -delete \
 && cd .venv/lib/python3*/site-packages/tensorflow/include \
 && find . -mindepth 1 -maxdepth 1 ! -name tensorflow -exec rm -rf {} + \
 && rm -rf tensorflow/compiler

# JupyterHub, for a class: its own environment beside the course's.
FROM build AS build-hub
RUN npm run hub -- --install

# What a reader gets: all that was made, then the lessons, the data and the rest.
FROM base AS lab-files
COPY --from=made --chown=node:node /course /course
USER node
COPY --chown=node:node . .
# A volume takes its owner and its first files from the folder that it covers.
RUN node --import tsx -e "require('./scripts/notebooks/my-work').makeMyWork()"

FROM lab-files AS hub
COPY --from=build-hub --chown=node:node /course/.venv-hub /course/.venv-hub
EXPOSE 8000
CMD ["npm", "run", "hub", "--", "/class", "--host=0.0.0.0", "--port=8000"]

# The last stage is what is built where no --target is named.
FROM lab-files AS lab
EXPOSE 8888
CMD ["npm", "start", "--", "--ip=0.0.0.0", "--port=8888", "--no-browser"]
