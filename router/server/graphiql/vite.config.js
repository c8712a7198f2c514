import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Relative asset paths let the router serve the page under any mount path.
export default defineConfig({
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: 'build',
    emptyOutDir: true,
    sourcemap: false,
    // The editor is one large chunk by nature; a size warning on each build would only be noise.
    chunkSizeWarningLimit: 8000,
  },
});
