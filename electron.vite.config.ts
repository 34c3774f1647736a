import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import type { Plugin } from 'vite'

/** `x11` is dbus-next's way to find a bus that has no address; Millwright asks only one that has. */
const external = ['electron', 'keytar', 'cpu-features', 'x11', /\.node$/]
/** CommonJS while a runtime with Node 18 serves development; file names without hashes are the app's own. */
const output = { format: 'cjs' as const, entryFileNames: '[name].js', chunkFileNames: 'chunk-[name].js' }

/** The root package is ESM, what is built for Node is not; and a person runs `out/main/cli.js` by name. */
function nodeOutput(): Plugin {
  return {
    name: 'millwright:node-output',
    renderChunk: (code, chunk) => (chunk.fileName === 'cli.js' ? `#!/usr/bin/env node\n${code}` : undefined),
    writeBundle(options, bundle) {
      mkdirSync('out', { recursive: true })
      writeFileSync('out/package.json', '{"type":"commonjs"}\n')
      if ('cli.js' in bundle) chmodSync(`${options.dir}/cli.js`, 0o755)
    },
  }
}

export default defineConfig({
  main: {
    plugins: [nodeOutput()],
    build: {
      target: 'node18',
      externalizeDeps: false,
      rolldownOptions: { input: { index: 'main/index.ts', cli: 'main/cli.ts' }, external, output },
    },
  },
  preload: {
    build: {
      target: 'node18',
      externalizeDeps: false,
      rolldownOptions: { input: { index: 'preload/index.ts' }, external, output },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: { target: 'chrome114', rolldownOptions: { input: 'renderer/index.html' } },
  },
})
