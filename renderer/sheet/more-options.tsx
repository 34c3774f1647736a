import { NativeSelect, TagsInput, TextInput } from '@mantine/core'
import { Disclosure } from '../components/layout/disclosure'
import type { AddForm, OptionName } from './add-form'
import styles from './choose-sheet.module.css'

interface MoreOptionsProps {
  readonly draft: AddForm
  readonly errors: Partial<Record<OptionName, string>>
  readonly onDraft: (draft: AddForm) => void
}

/** For who knows better than what would be found and measured. */
export function MoreOptions({ draft, errors, onDraft }: MoreOptionsProps) {
  const text = (name: 'id' | 'identityFile' | 'wrapper' | 'maxJobs' | 'speedFactor') => ({
    value: draft[name],
    error: errors[name],
    autoComplete: 'off',
    spellCheck: false,
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      onDraft({ ...draft, [name]: event.currentTarget.value }),
  })
  const tags = (name: 'systems' | 'supportedFeatures' | 'mandatoryFeatures', example: string) => ({
    // Once there is one, an example beside it reads like another.
    ...(draft[name].length === 0 ? { placeholder: example } : {}),
    value: [...draft[name]],
    error: errors[name],
    acceptValueOnBlur: true,
    splitChars: [',', ' '],
    onChange: (value: string[]) => onDraft({ ...draft, [name]: value }),
  })
  return (
    <Disclosure title="More options">
      <div className={styles.fields}>
        <p className={styles.help}>What you leave empty is found by looking and measuring.</p>
        <TextInput label="Name" {...text('id')} />
        <TextInput label="Key file" placeholder="~/.ssh/id_ed25519" {...text('identityFile')} />
        <NativeSelect
          label="Protocol"
          value={draft.protocol}
          data={[
            { value: '', label: 'Whichever both sides speak' },
            { value: 'ssh-ng', label: 'ssh-ng, the daemon’s own' },
            { value: 'ssh', label: 'ssh, the older one' },
          ]}
          onChange={(event) =>
            onDraft({ ...draft, protocol: event.currentTarget.value as AddForm['protocol'] })
          }
        />
        <TextInput label="Program that leads to Nix" placeholder="nix-user-chroot" {...text('wrapper')} />
        <div className={styles.pair}>
          <TextInput label="Jobs" inputMode="numeric" {...text('maxJobs')} />
          <TextInput label="Speed" inputMode="numeric" {...text('speedFactor')} />
        </div>
        <TagsInput className={styles.wide ?? ''} label="Systems" {...tags('systems', 'x86_64-linux')} />
        <TagsInput
          className={styles.wide ?? ''}
          label="Features"
          {...tags('supportedFeatures', 'kvm big-parallel')}
        />
        <TagsInput
          className={styles.wide ?? ''}
          label="Only builds that ask for"
          {...tags('mandatoryFeatures', 'cuda')}
        />
      </div>
    </Disclosure>
  )
}
