import { builtinModules } from 'node:module'
import { defineConfig, type EnvironmentOptions } from 'vite'
import { nodeMajor } from './scripts/setup/node-pins.mjs'

/**
 * Bundles the helper: one readable file for each program, so that what runs as root can be read in one piece.
 * CommonJS, because an executable without a suffix is that to every Node; `helper install` puts in the first
 * line, which names the runtime beside it.
 */
const program = (entry: string, file: string, format: 'cjs' | 'es'): EnvironmentOptions => ({
  consumer: 'server',
  resolve: { noExternal: true },
  build: {
    outDir: 'out/helper',
    emptyOutDir: false,
    minify: false,
    target: `node${nodeMajor}`,
    rolldownOptions: {
      input: entry,
      external: [...builtinModules, /^node:/],
      output: { format, entryFileNames: file, codeSplitting: false },
    },
  },
})

export default defineConfig({
  publicDir: false,
  environments: {
    switch: program('helper/switch.ts', 'millwright-switch', 'cjs'),
    configure: program('helper/configure.ts', 'millwright-configure', 'cjs'),
    install: program('helper/install/install-command.ts', 'install.mjs', 'es'),
  },
  builder: {
    buildApp: async (builder) => {
      for (const name of ['switch', 'configure', 'install']) {
        const environment = builder.environments[name]
        if (environment) await builder.build(environment)
      }
    },
  },
})
