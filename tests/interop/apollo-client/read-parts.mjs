// Usage: read-parts.mjs URL FORMAT QUERY. Prints as JSON what the client shows after each part of the answer.
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';

const [url, format, query] = process.argv.slice(2);
const handlers = { previous: Defer20220824Handler, current: GraphQL17Alpha9Handler };
const accepted = [];
const client = new ApolloClient({
  cache: new InMemoryCache(),
  incrementalHandler: new handlers[format](),
  link: new HttpLink({
    uri: url,
    fetch: (target, options) => {
      accepted.push(options.headers.accept);
      return fetch(target, options);
    },
  }),
});

const shown = [];
await new Promise((resolve, reject) => {
  client
    .watchQuery({ query: gql(query), errorPolicy: 'all', fetchPolicy: 'no-cache', notifyOnNetworkStatusChange: true })
    .subscribe({
      next: ({ data, error, dataState, loading }) => {
        if (data) shown.push({ data, dataState, errors: (error?.errors ?? []).map(({ message }) => message) });
        if (dataState === 'complete' || (error && !loading)) resolve();
      },
      error: reject,
    });
});
process.stdout.write(JSON.stringify({ accepted, shown }));
client.stop();
