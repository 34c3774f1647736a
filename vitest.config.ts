import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** End-to-end tests share one desktop: by name, so that the one that adds the first builder comes first each time. */
class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    if (files.some(({ project }) => project.name !== 'e2e')) return await super.sort(files)
    return [...files].sort((a, b) => a.moduleId.localeCompare(b.moduleId))
  }
}

/** Tests of what Nix, OpenSSH, the shells and Node do on this machine, and of files and sockets. */
const programs = [
  'test/{differential,remote,how-to-add,fuzz,nix}/**/*.test.ts',
  'test/helper/{guard,install,state}/**/*.test.ts',
  'test/main/adapters/**/*.test.ts',
]

/** Five ways to test: parts, windows and this machine's own programs anywhere, real hosts where there is root, the real app on a (virtual) screen. */
export default defineConfig({
  test: {
    sequence: { sequencer: Sequencer },
    // A document that is never drawn has nothing that can take the focus; the warning prints the whole of it.
    onConsoleLog: (text) => !text.startsWith('[@mantine/hooks/use-focus-trap]'),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/world/**', 'test/e2e/**', 'test/renderer/**', ...programs],
          // What they import is most of their time, and none of it keeps anything.
          isolate: false,
          maxWorkers: 2,
          // A thousand cases take a second, or ten on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'programs',
          include: programs,
          isolate: false,
          // They wait for programs more than they work.
          maxWorkers: 4,
          // After those with another number of workers, when asked for together.
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'window',
          include: ['test/renderer/**/*.test.{ts,tsx}'],
          maxWorkers: 2,
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'world',
          include: ['test/world/**/*.test.ts'],
          // Each file has hosts of its own, which wait more than they work: three keep two cores two thirds busy.
          maxWorkers: 3,
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
