# The course in a box: docker build -t latentlab .
# then                 docker run --rm -p 8888:8888 latentlab    and open the address that it prints.
# For an NVIDIA GPU:   docker build --build-arg LAB_DEVICE=cuda -t latentlab .   and run it with --gpus all.
# What changes seldom comes first: a step runs anew only when what it copies has changed, or a step before it.
FROM node:22-bookworm-slim

# Python for JupyterLab and TensorFlow, a compiler for the addon that joins TensorFlow and Node.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*

# Not root: a notebook may do what its user may.
RUN mkdir /course && chown node:node /course
USER node
WORKDIR /course
ARG LAB_DEVICE=cpu
ENV LAB_DEVICE=$LAB_DEVICE

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

# The lessons, the data and the rest.
COPY --chown=node:node . .

EXPOSE 8888
CMD ["npm", "start", "--", "--ip=0.0.0.0", "--port=8888", "--no-browser"]
