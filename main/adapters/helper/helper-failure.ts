import type { FailureCode } from '../../../contract/failure'
import type { HelperCode, HelperReason, HelperRequest, HelperResult } from '../../../contract/helper'
import { cleanText } from '../../../core/text/clean-text'
import { FailureError } from '../../failures'

/** Codes that say what became of the change; there the reason is only why. */
const byCode: Partial<Record<HelperCode, FailureCode>> = {
  CONFLICT: 'HELPER_CONFLICT',
  LOCKED: 'HELPER_BUSY',
  INSECURE_INSTALL: 'HELPER_INSECURE',
  ROLLED_BACK: 'HELPER_ROLLED_BACK',
}

const byReason: Record<HelperReason, FailureCode> = {
  'not-root': 'NOT_AUTHORISED',
  'not-json': 'HELPER_REFUSED_INPUT',
  grammar: 'HELPER_REFUSED_INPUT',
  'no-such-builder': 'NO_SUCH_BUILDER',
  'no-such-generation': 'NO_SUCH_GENERATION',
  quarantined: 'QUARANTINED',
  'rate-limited': 'HELPER_BUSY',
  'not-set-up': 'HELPER_FAILED',
  'key-in-use': 'HELPER_REFUSED_INPUT',
  'unsafe-path': 'HELPER_INSECURE',
  'validation-failed': 'HELPER_FAILED',
  'builds-running': 'BUILDS_RUNNING',
  'daemon-did-not-return': 'HELPER_FAILED',
  'nix-conf-broken': 'LOCAL_NIX_CONF_BROKEN',
  'machines-broken': 'LOCAL_MACHINES_BROKEN',
  declarative: 'LOCAL_DECLARATIVE',
  'no-nix': 'LOCAL_WITHOUT_NIX',
  'single-user': 'LOCAL_SINGLE_USER',
  'disk-full': 'HELPER_FAILED',
  'host-key-changed': 'HOST_KEY_CHANGED',
  unreachable: 'UNREACHABLE',
  'login-refused': 'LOGIN_REFUSED',
  'protocol-mismatch': 'PROTOCOL_MISMATCH',
  'ping-failed': 'PING_FAILED',
  'not-trusted': 'REMOTE_USER_NOT_TRUSTED',
  'build-refused': 'BUILD_REFUSED',
  'build-failed': 'BUILD_FAILED',
  'built-elsewhere': 'BUILT_ELSEWHERE',
  'timed-out': 'TIMED_OUT',
  'sharing-failed': 'SHARING_FAILED',
  'connection-in-use': 'CONNECTION_IN_USE',
  'no-service-manager': 'SHARING_UNSUPPORTED',
  internal: 'HELPER_FAILED',
}

/** The helper's refusal as a failure of the closed list: the one table of that translation. */
export function helperFailure(request: HelperRequest, result: HelperResult): FailureError {
  const { code, reason, detail = '' } = result
  const broken = /^(\/[^:\n]+):(\d+): /.exec(detail)
  return new FailureError({
    code: byCode[code] ?? (reason ? byReason[reason] : 'HELPER_FAILED'),
    facts: {
      ...('id' in request ? { builder: request.id } : {}),
      ...('builder' in request ? { builder: request.builder.id, host: request.builder.host } : {}),
      ...(reason === 'machines-broken' && broken ? { path: broken[1] ?? '', line: broken[2] ?? '' } : {}),
    },
    ...(detail ? { detail: cleanText(detail) } : {}),
  })
}
