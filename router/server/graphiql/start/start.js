// Starts the pinned GraphiQL page; the built page has its own start in src/main.jsx.
(() => {
  const root = document.getElementById('graphiql');
  if (!window.GraphiQL || !window.React || !window.ReactDOM) {
    root.textContent =
      'GraphiQL could not be loaded. Without Internet access, install Node and build the page: python -m router.server.graphiql build';
    return;
  }
  const settings = JSON.parse(document.getElementById('zellige-settings').textContent);
  const socket = new URL(settings.subscriptionEndpoint, window.location.href);
  socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';
  // As src/fetcher.js: the headers of the tab go into the payload of `connection_init`.
  let client = null;
  let shown = null;
  const clientShowing = (headers) => {
    const wanted = JSON.stringify(headers ?? {});
    if (client === null || wanted !== shown) {
      client?.dispose();
      shown = wanted;
      client = graphqlWs.createClient({ url: socket.toString(), lazy: true, connectionParams: headers ?? {} });
    }
    return client;
  };
  const fetcher = (params, options) => {
    const wsClient = { subscribe: (payload, sink) => clientShowing(options?.headers).subscribe(payload, sink) };
    return GraphiQL.createFetcher({ url: settings.endpoint, wsClient })(params, options);
  };
  const logo = React.createElement('span', { className: 'zellige-logo' }, 'Zellige');
  ReactDOM.createRoot(root).render(
    React.createElement(
      GraphiQL,
      {
        fetcher,
        defaultQuery: settings.defaultQuery,
        isHeadersEditorEnabled: true,
        shouldPersistHeaders: false,
      },
      React.createElement(GraphiQL.Logo, null, logo),
    ),
  );
})();
