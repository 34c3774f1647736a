import { apply, withStateChange } from '../operations/apply-state'
import { desiredStateOf } from '../state/state'
import { guardBeside } from '../system/guard'
import { thisSystem } from '../system/system'

/**
 * Writes root's files as the helper just installed would, where builders are set up and another version wrote them.
 * Fails with a Refusal, and leaves them as they are then.
 */
export async function refreshState(prefix: string): Promise<void> {
  const system = { ...thisSystem(), guard: guardBeside(`${prefix}/millwright-configure`, thisSystem()) }
  const context = { system, step: () => undefined }
  await withStateChange(context, { op: 'refresh' }, async (current) => {
    if (current) await apply(context, 'refresh', current, desiredStateOf(current))
  })
}
