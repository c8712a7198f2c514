# syntax=docker/dockerfile:1
# One image for the router, every subgraph and the worker; the command says which.

FROM node:24-slim AS graphiql
WORKDIR /build/router/server/graphiql
COPY router/server/graphiql/package.json router/server/graphiql/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY router/server/graphiql ./
RUN npx --no-install vite build --logLevel error

FROM python:3.12-slim AS build
RUN pip install --no-cache-dir "uv>=0.11"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/opt/zellige
WORKDIR /app
# Dependencies first: they change seldom, and their layer is kept.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra tracing --no-install-project
COPY zellige zellige
COPY router router
COPY subgraphs subgraphs
COPY migrations migrations
RUN uv sync --frozen --no-dev --extra tracing --no-editable

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home zellige
WORKDIR /app
COPY --from=build /opt/zellige /opt/zellige
COPY --from=graphiql /build/router/server/graphiql/build /tmp/graphiql
RUN mv /tmp/graphiql "$(/opt/zellige/bin/python -c 'from router.server.graphiql.built import PROJECT; print(PROJECT)')/build"
COPY schema schema
ENV PATH=/opt/zellige/bin:$PATH PYTHONUNBUFFERED=1
USER zellige
EXPOSE 4000
ENTRYPOINT ["zellige"]
CMD ["router", "--supergraph", "schema/supergraph.graphql", "--host", "0.0.0.0"]
