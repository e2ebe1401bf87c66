# Two stages: the toolchain builds one binary with Swift's library inside; Debian's slim image runs it.
#
#   docker build -t brokerbridge --build-arg COMMIT=$(git rev-parse --short HEAD) .

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libcurl4-openssl-dev libevent-dev libssl-dev libwslay-dev libyaml-dev libsqlite3-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
# The manifest names the test targets too, so their folders have to be there.
COPY Tests Tests
ARG COMMIT=
ARG BUILD_TIME=
RUN BROKERBRIDGE_COMMIT=$COMMIT BROKERBRIDGE_BUILD_TIME=$BUILD_TIME \
        swift build -c release --static-swift-stdlib --product brokerbridge \
    && install -D -s .build/release/brokerbridge /out/brokerbridge

FROM debian:bookworm-slim
# Upgraded as well as installed: the base image may be older than a security update of libevent or OpenSSL.
RUN apt-get update \
    && apt-get upgrade -y \
    && apt-get install -y --no-install-recommends \
        ca-certificates libcurl4 libevent-core-2.1-7 libevent-extra-2.1-7 libevent-openssl-2.1-7 libssl3 libstdc++6 \
        libwslay1 libyaml-0-2 libsqlite3-0 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 brokerbridge \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin brokerbridge \
    && install -d -m 0700 -o 10001 -g 10001 /state
COPY --from=build /out/brokerbridge /usr/local/bin/brokerbridge
USER 10001:10001
WORKDIR /
# Only /state is written: the root may be read-only. No secret is in the image or in its variables; they come as files.
VOLUME /state
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=10s --retries=3 \
    CMD ["brokerbridge", "healthcheck", "http://127.0.0.1:8080"]
ENTRYPOINT ["brokerbridge"]
CMD ["serve", "--config", "/etc/brokerbridge/bridge.yaml", "--state", "/state"]
