import { Popover, VisuallyHidden } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useId, useState } from 'react'
import type { ModeName, ModeView } from '../../../contract/mode'
import type { HelperView } from '../../../contract/snapshot'
import { modeWords, overriddenWords } from '../../../core/modes/mode-words'
import { type ModeChange, toggleMode } from '../../../core/modes/toggle-mode'
import { Switch } from '../../components/controls/switch'
import { useCommands } from '../../state/api-context'
import { ModeDetails } from './mode-details'
import styles from './modes.module.css'

interface ModeSwitchProps {
  readonly mode: ModeName
  /** Its name after “Build only”. */
  readonly word: string
  readonly view: ModeView
  /** Everyone's switch is on its way. */
  readonly busy: boolean
  readonly way: HelperView['way']
}

/** One mode: its switch, and beside it for whom it is on, which opens what Nix really does in it. */
export function ModeSwitch({ mode, word, view, busy, way }: ModeSwitchProps) {
  const { act } = useCommands()
  const [sending, setSending] = useState(false)
  const [opened, setOpened] = useState(false)
  const id = useId()
  const { title, sentence } = modeWords(mode)
  const overridden = overriddenWords(view)

  const change = async (one: ModeChange) => {
    setSending(true)
    await act('set-mode', { mode, ...one })
    setSending(false)
  }
  const press = () => {
    const wanted = toggleMode(view)
    if (wanted) void change(wanted)
    else setOpened(true)
  }
  const isBusy = busy || sending
  const whom = view.everyone ? 'everyone' : 'me'
  return (
    <span className={styles.mode}>
      <Switch
        name={title}
        checked={view.inForce}
        busy={isBusy}
        describedBy={id}
        title={sentence}
        onPress={press}
      >
        {word}
      </Switch>
      <VisuallyHidden id={id}>
        {sentence} {overridden}
      </VisuallyHidden>
      <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus returnFocus>
        <Popover.Target>
          <button
            type="button"
            className={styles.whom}
            aria-label={`${title}: for ${whom}${overridden ? ', something else decides' : ''}`}
            data-overridden={overridden !== undefined || undefined}
            onClick={() => setOpened(!opened)}
          >
            {overridden && <span className={styles.diamond} aria-hidden />}
            {whom}
            <IconChevronDown size={12} aria-hidden />
          </button>
        </Popover.Target>
        <Popover.Dropdown>
          <ModeDetails mode={mode} view={view} busy={isBusy} way={way} onChange={(one) => void change(one)} />
        </Popover.Dropdown>
      </Popover>
    </span>
  )
}
