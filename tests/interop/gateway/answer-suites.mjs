// Usage: node answer-suites.mjs < SUITES > ANSWERS
// SUITES is a JSON list of { name, supergraph, urls, operations }; for each, one JSON line: { name, answers } with
// the response to every operation, or { name, refused } when the gateway does not load the supergraph.
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function answersOf({ supergraph, urls, operations }) {
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph,
    buildService: ({ name }) => new RemoteGraphQLDataSource({ url: urls[name] }),
    logger: silent,
  });
  const server = new ApolloServer({ gateway, logger: silent, includeStacktraceInErrorResponses: false });
  await server.start();
  const answers = [];
  for (const query of operations) {
    const { body } = await server.executeOperation({ query });
    answers.push(body.singleResult);
  }
  await server.stop();
  return answers;
}

let input = '';
for await (const chunk of process.stdin) input += chunk;
for (const suite of JSON.parse(input)) {
  let line;
  try {
    line = { name: suite.name, answers: await answersOf(suite) };
  } catch (error) {
    line = { name: suite.name, refused: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
