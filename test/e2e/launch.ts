import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ElectronApplication, _electron as electron, type Page } from 'playwright-core'
import { projectOnHost } from '../world/fleet/on-host'
import { runtimeFolder, type Stage } from './stage'

/** The real app at the desk of `dev`, driven from here. */
export interface RunningApp {
  readonly electron: ElectronApplication
  readonly page: Page
  close(): Promise<void>
}

/** Starts the built app as `dev` in the client's desktop session, with Chromium's sandbox on. */
export async function launchApp({ desktop }: Stage): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-launch-'))
  const executablePath = join(folder, 'electron')
  const argv = desktop.enter([`${runtimeFolder}/electron`], { env: { XDG_CURRENT_DESKTOP: 'KDE' } })
  writeFileSync(executablePath, `#!/bin/sh\nexec ${argv.map(quote).join(' ')} "$@"\n`, { mode: 0o755 })
  const app = await electron.launch({
    executablePath,
    args: [projectOnHost],
    chromiumSandbox: true,
    colorScheme: null,
  })
  return {
    electron: app,
    page: await app.firstWindow(),
    close: async () => {
      await app.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
