import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The window with made-up snapshots, in a plain browser: `node scripts/with-node.mjs vite test/renderer/gallery`. */
export default defineConfig({
  plugins: [react()],
  build: { target: 'chrome114', outDir: '../../../out/gallery', emptyOutDir: true },
  preview: {
    headers: {
      'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
  },
})
