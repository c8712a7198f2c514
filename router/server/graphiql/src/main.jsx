import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './zellige.css';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { createFetcher } from './fetcher.js';
import { planPlugin } from './plan/plugin.jsx';
import { traceRuns } from './plan/store.js';
import { readSettings, webSocketUrl } from './settings.js';
import mark from './zellige.svg';

const settings = readSettings();
const fetcher = createFetcher(settings.endpoint, webSocketUrl(settings.subscriptionEndpoint));
// The documentation explorer is a default plugin of GraphiQL itself.
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];
if (settings.showsPlans) plugins.push(planPlugin(settings.endpoint));

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={settings.showsPlans ? traceRuns(fetcher) : fetcher}
    plugins={plugins}
    defaultQuery={settings.defaultQuery}
    defaultEditorToolsVisibility="variables"
    isHeadersEditorEnabled
    shouldPersistHeaders={false}
  >
    <GraphiQL.Logo>
      <span className="zellige-logo">
        <img src={mark} alt="" width="22" height="22" />
        Zellige
      </span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
