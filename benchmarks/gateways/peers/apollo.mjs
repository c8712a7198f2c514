// Usage: node apollo.mjs SUPERGRAPH PORT
// Serves the supergraph SDL in the file SUPERGRAPH by @apollo/gateway, as its documentation shows it. The viewer's
// authorization goes on to the subgraphs, as with every other gateway that is measured.
import { readFile } from 'node:fs/promises';

import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const [path, port] = process.argv.slice(2);
if (!path || !port) {
  process.stderr.write('usage: node apollo.mjs SUPERGRAPH PORT\n');
  process.exit(2);
}
const logger = { debug() {}, info() {}, warn() {}, error: console.error };
const gateway = new ApolloGateway({
  supergraphSdl: await readFile(path, 'utf8'),
  buildService: ({ url }) =>
    new RemoteGraphQLDataSource({
      url,
      willSendRequest({ request, context }) {
        if (context.authorization) request.http.headers.set('authorization', context.authorization);
      },
    }),
  logger,
});
const server = new ApolloServer({ gateway, logger, includeStacktraceInErrorResponses: false });
await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(port) },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
