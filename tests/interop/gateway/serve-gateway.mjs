// Usage: node serve-gateway.mjs SUPERGRAPH PORT [NAME=URL ...]
// Serves the supergraph SDL in the file SUPERGRAPH on PORT (0: any free one); NAME=URL replaces the address of a
// subgraph. Prints one line with its own URL once it answers, and ends with its standard input.
import { readFile } from 'node:fs/promises';

import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

const [path, port, ...replaced] = process.argv.slice(2);
if (!path || !port) {
  process.stderr.write('usage: node serve-gateway.mjs SUPERGRAPH PORT [NAME=URL ...]\n');
  process.exit(2);
}
const urls = new Map(replaced.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
const silent = { debug() {}, info() {}, warn() {}, error: console.error };

const gateway = new ApolloGateway({
  supergraphSdl: await readFile(path, 'utf8'),
  buildService: ({ name, url }) =>
    // The gateway knows subgraphs by their names in the join__Graph enum's directive.
    new RemoteGraphQLDataSource({
      url: urls.get(name) ?? url,
      willSendRequest: ({ request, context }) => {
        if (context.authorization) request.http.headers.set('authorization', context.authorization);
      },
    }),
  logger: silent,
});
const server = new ApolloServer({ gateway, logger: silent, includeStacktraceInErrorResponses: false, introspection: true });
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(port) },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
});
process.stdout.write(`${url}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
