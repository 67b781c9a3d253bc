# SPDX-License-Identifier: Apache-2.0
#
# The bases are named by version. For a release, name the digests that the tags give (docker buildx imagetools inspect TAG)
# by --build-arg BUILD=...@sha256:... --build-arg BASE=...@sha256:...
ARG BUILD=docker.io/library/node:24.21.0-bookworm-slim
ARG BASE=gcr.io/distroless/nodejs24-debian12:nonroot

# One file without anything of a platform in it, so it is built once for all of them.
FROM --platform=$BUILDPLATFORM ${BUILD} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

# No shell, no package manager. scripts/root-file-system.ts puts the same together without Docker; a test compares and starts it.
FROM ${BASE}
COPY --from=build --chown=0:0 /src/dist/countersign.js /app/countersign.mjs
USER 65532:65532
WORKDIR /
EXPOSE 8443 8080
# They keep the memory of a process small: threads share one heap of the C library, which gives back what is free, and
# short-lived objects get 24 MB and not 48.
ENV MALLOC_ARENA_MAX=1
ENV MALLOC_TRIM_THRESHOLD_=2097152
ENV MALLOC_MMAP_THRESHOLD_=32768
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=8", "/app/countersign.mjs"]
CMD ["--help"]
