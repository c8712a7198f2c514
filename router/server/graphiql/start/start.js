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
  const fetcher = GraphiQL.createFetcher({
    url: settings.endpoint,
    wsClient: graphqlWs.createClient({ url: socket.toString(), lazy: true }),
  });
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
