// Hive Gateway's settings, with either planner: requests in flight are de-duplicated, documents compiled by --jit,
// and the viewer's authorization goes on to the subgraphs, as with every other gateway that is measured.
import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  inboundInflightRequestDeduplication: true,
  logging: 'error',
  propagateHeaders: {
    fromClientToSubgraphs({ request }) {
      const authorization = request.headers.get('authorization');
      return authorization ? { authorization } : {};
    },
  },
});
