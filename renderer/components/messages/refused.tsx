import { useCommands } from '../../state/api-context'
import { FailurePanel } from './failure-panel'

/** What the app refused just now, and why. */
export function Refused() {
  const { refused, forgetRefused } = useCommands()
  return refused && <FailurePanel failure={refused} onDismiss={forgetRefused} />
}
