import type { OwnedFile } from '../../../contract/helper'
import type { BuilderView } from '../../../contract/snapshot'
import { plural } from '../../../core/text/format'
import { Card } from '../../components/layout/card'
import { CopyButton } from '../../components/text/copy-button'
import { OwnedFiles } from '../../components/text/owned-files'
import styles from './builder-page.module.css'

/** What was made over there, line by line. */
export function WrittenCard({ builder: { id, remoteFiles } }: { builder: BuilderView }) {
  return (
    <Card
      title={`What Millwright wrote on ${id}`}
      aside={
        remoteFiles.length > 0 && <CopyButton text={asText(remoteFiles)} label="Copy all" size="compact-sm" />
      }
    >
      {remoteFiles.length === 0 ? (
        <p className={styles.muted}>Nothing is known to be there.</p>
      ) : (
        <OwnedFiles files={remoteFiles} />
      )}
      <p className={styles.muted}>
        {remoteFiles.length > 0 && `${plural(remoteFiles.length, 'file')}, all taken back on removal. `}
        The files on this computer are under <em>This computer</em>.
      </p>
    </Card>
  )
}

function asText(files: readonly OwnedFile[]): string {
  return files.map(({ path, mode, content }) => `# ${path} (${mode})\n${content ?? ''}\n`).join('\n')
}
