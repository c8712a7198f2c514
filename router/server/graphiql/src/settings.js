// The router writes its settings into the page as a JSON block; a page opened without it uses these.
const DEFAULTS = {
  endpoint: '/graphql',
  subscriptionEndpoint: '/graphql',
  defaultQuery: '{\n  __typename\n}\n',
  showsPlans: false,
};

export function readSettings() {
  const block = document.getElementById('zellige-settings');
  return block ? { ...DEFAULTS, ...JSON.parse(block.textContent) } : DEFAULTS;
}

export function webSocketUrl(path) {
  const url = new URL(path, window.location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.toString();
}
