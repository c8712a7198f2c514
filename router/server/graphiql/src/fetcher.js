import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

/**
 * Returns a fetcher whose subscriptions show the headers of the tab as the payload of `connection_init`: a
 * browser cannot set headers on a WebSocket. One socket serves all subscriptions with the same headers.
 */
export function createFetcher(url, subscriptionUrl) {
  let client = null;
  let shown = null;

  function clientShowing(headers) {
    const wanted = JSON.stringify(headers ?? {});
    if (client === null || wanted !== shown) {
      client?.dispose();
      shown = wanted;
      // Lazy: the socket is opened by the first subscription, not by the page.
      client = createClient({ url: subscriptionUrl, lazy: true, connectionParams: headers ?? {} });
    }
    return client;
  }

  return (params, options) => {
    const wsClient = { subscribe: (payload, sink) => clientShowing(options?.headers).subscribe(payload, sink) };
    return createGraphiQLFetcher({ url, wsClient })(params, options);
  };
}
