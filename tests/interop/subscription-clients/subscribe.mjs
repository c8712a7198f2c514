// Usage: subscribe.mjs CLIENT URL REQUEST COUNT [CUT]
// Prints as JSON the results a client was given: COUNT of them, or all until the subscription completed.
// With CUT, the connection breaks after so many results; the client comes back by itself and resumes.
import { setTimeout as pause } from 'node:timers/promises';

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';

const [kind, url, text, countText, cutText] = process.argv.slice(2);
const request = JSON.parse(text);
const count = Number(countText);
const cut = Number(cutText ?? 0);
const results = [];
let position;
let sockets = 0;

// Read anew whenever a client subscribes again, so that it goes on where it was.
const resuming = {
  ...request,
  get extensions() {
    return position === undefined ? undefined : { resumeFrom: position };
  },
};

class CountedSocket extends WebSocket {
  constructor(...given) {
    super(...given);
    sockets += 1;
    CountedSocket.last = this;
  }
}

function collect(subscribe, afterEach = () => {}) {
  return new Promise((resolve, reject) => {
    const done = () => resolve(stop);
    const stop = subscribe({
      next(result) {
        results.push(result);
        position = result.extensions?.position ?? position;
        if (results.length === count) setImmediate(done);
        else afterEach();
      },
      error: reject,
      complete: done,
    });
  });
}

const clients = {
  async 'graphql-ws'() {
    const client = createSocketClient({
      url: url.replace('http', 'ws'),
      webSocketImpl: CountedSocket,
      connectionParams: { authorization: 'Bearer test' },
      retryAttempts: 5,
      shouldRetry: () => true,
      retryWait: () => pause(20),
      on: { ping: (received, payload) => { if (received && payload?.position) position ??= payload.position; } },
    });
    const stop = await collect(
      (sink) => client.subscribe(resuming, sink),
      () => { if (results.length === cut) CountedSocket.last.terminate(); },
    );
    stop();
    await client.dispose();
  },
  async 'graphql-sse'(singleConnection = false) {
    let abort = new AbortController();
    const client = createSseClient({
      url,
      singleConnection,
      headers: { authorization: 'Bearer test' },
      retryAttempts: 5,
      retry: () => pause(20),
      fetchFn: (target, options) => {
        abort = new AbortController();
        return fetch(target, { ...options, signal: AbortSignal.any([options.signal, abort.signal]) });
      },
    });
    const stop = await collect(
      (sink) => client.subscribe(resuming, sink),
      () => { if (results.length === cut) abort.abort(new Error('cut')); },
    );
    stop();
    client.dispose();
  },
  'graphql-sse-single'() {
    return clients['graphql-sse'](true);
  },
  async 'apollo-multipart'() {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([new HttpLink({ uri: url, headers: { authorization: 'Bearer test' } })]),
    });
    const query = { query: gql(request.query), variables: request.variables, errorPolicy: 'all' };
    let subscription;
    await collect((sink) => {
      subscription = client.subscribe(query).subscribe({
        ...sink,
        next: ({ data, error, extensions }) =>
          sink.next({ data, extensions, ...(error ? { errors: [error.message] } : {}) }),
      });
      return () => {};
    });
    subscription.unsubscribe();
    client.stop();
  },
};

await clients[kind]();
process.stdout.write(JSON.stringify({ results, sockets }));
process.exit(0);
