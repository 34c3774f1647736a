import { useState } from 'react'
import type { Reach, Scope } from '../../../contract/mode'
import type { BuilderView } from '../../../contract/snapshot'
import { useCommands } from '../../state/api-context'
import { OfferDialog } from './offer-dialog'

interface SubstituterSwitching {
  readonly set: (scope: Scope, on: boolean) => void
  /** On for me where it is off; off wherever it is on. */
  readonly press: () => void
  readonly busy: boolean
  /** Says what offering means before it begins; to be put into the page. */
  readonly dialog: React.ReactNode
}

/** Switching a builder as substituter, with the explanation that goes before the first time. */
export function useSubstituter({ id, substituter }: BuilderView): SubstituterSwitching {
  const { act } = useCommands()
  const [offering, setOffering] = useState<Scope>()
  const [busy, setBusy] = useState(false)
  const { offered, me, everyone, isForMeAlone = false } = substituter

  const send = async (scope: Reach, on: boolean) => {
    setBusy(true)
    await act('use-substituter', { id, scope, on })
    setBusy(false)
  }
  const set = (scope: Scope, on: boolean) => {
    if (on && !offered) setOffering(scope)
    else void send(scope, on)
  }
  return {
    set,
    press() {
      if (!me && !everyone) return set('me', true)
      void send('wherever', false)
    },
    busy,
    dialog: offering && (
      <OfferDialog
        id={id}
        scope={offering}
        isForMeAlone={isForMeAlone}
        onClose={() => setOffering(undefined)}
        onAgree={() => void send(offering, true)}
      />
    ),
  }
}
