import { defineConfig } from 'vitest/config'

/** Three ways to test: parts anywhere, real hosts where there is root, the real app on a (virtual) screen. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/world/**', 'test/e2e/**'],
          // A thousand cases take a second, or ten on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          // Each file has hosts of its own; they wait more than they work, but two cores carry no more.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.e2e.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
