import { shellWord } from '../text/shell-quote'
import { failureRow } from './failure-row'
import {
  copyCommand,
  edit,
  type FailureWords,
  leftOut,
  machine,
  onMachine,
  retry,
  showBuilder,
} from './failure-words'

/** Host keys, and what the person’s own SSH brings: its configuration and its keys. */
export const ownSsh = {
  HOST_KEY_CHANGED: failureRow({
    facts: {
      ...onMachine,
      port: 'optional',
      type: 'optional',
      fingerprint: 'optional',
      known: 'optional',
      notFollowed: 'optional',
    },
    builderIs: 'refused',
    helper: { names: ['host-key-changed'] },
    words: (facts) => {
      const { builder, host, type, fingerprint, known } = facts
      const check =
        type && fingerprint
          ? `On the machine itself, ssh-keygen -lf ${keyFile(type)} should print ${fingerprint}${known ? ` (it was ${known})` : ''}.`
          : undefined
      const command = builder || host === undefined ? undefined : forgetKey(host, facts.port)
      return {
        title: `${machine(facts, 'The machine')} shows another host key than before`,
        cause: `Either the machine was reinstalled, or its address now belongs to another machine, or someone is in between.${leftOut(facts.notFollowed)}`,
        remedy: `Do not go on before you know which. ${wayOn(builder, command, check)}`,
        ...(command ? { action: copyCommand(command) } : builder ? { action: showBuilder } : {}),
      }
    },
  }),
  HOST_KEY_REJECTED: failureRow({
    facts: {
      host: 'required',
      port: 'optional',
      reason: 'required',
      type: 'required',
      fingerprint: 'required',
      why: 'optional',
      notFollowed: 'optional',
    },
    words: ({ host, port, reason, type, fingerprint, why, notFollowed }) => ({
      title: isUnfit(reason)
        ? `${host} has no host key that can be relied on`
        : `The host key of ${host} was not confirmed`,
      cause: `${rejectionCause(reason, why)}${leftOut(notFollowed)}`,
      remedy: rejectionRemedy(reason, { host, port, type, fingerprint }),
      action: retry,
    }),
  }),
  KEY_FILE_UNREADABLE: failureRow({
    facts: { path: 'required', what: 'optional' },
    words: ({ path, what }) => ({
      title: `The key file ${path} cannot be ${what === undefined || what === 'missing' || what === 'forbidden' ? 'read' : 'used'}`,
      ...keyFileWords(what, path),
      action: edit,
    }),
  }),
  PASSPHRASE_WRONG: failureRow({
    facts: { path: 'required' },
    words: ({ path }) => ({
      title: 'That is not the passphrase',
      cause: `The key ${path} does not open with it.`,
      remedy: 'Try again, or load the key into your SSH agent with ssh-add.',
      action: retry,
    }),
  }),
  SSH_CONFIG_BROKEN: failureRow({
    facts: { host: 'required', said: 'required' },
    words: ({ host, said }) => ({
      title: 'Your SSH configuration cannot be read as it is',
      cause: `It says: ${said}.`,
      remedy: `Correct that, then try again. What ssh makes of it: ssh -G ${shellWord(host)}`,
      action: retry,
    }),
  }),
  SSH_FILE_UNFIT: failureRow({
    facts: { path: 'required', what: 'required' },
    words: ({ path, what }) => ({
      title: `${path} ${what}`,
      cause: 'It is read before each login, so that no host key is taken that it warns of.',
      remedy: `Put a plain file in its place, or take it away: ls -l ${shellWord(path)}`,
      action: retry,
    }),
  }),
  SSH_CONFIG_UNSUPPORTED: failureRow({
    facts: { host: 'required', option: 'required' },
    words: ({ host, option }) => ({
      title: `Millwright cannot follow your SSH configuration to ${host}`,
      cause: `It uses ${option}; Millwright goes through one machine in between (ProxyJump), and runs nothing from that file.`,
      remedy: 'Give the machine’s own address instead, or put a ProxyJump to one machine in the place of it.',
      action: edit,
    }),
  }),
}

/** What is wrong with a file that was asked for as a key, as far as it was seen. */
function keyFileWords(what: string | undefined, path: string): Pick<FailureWords, 'cause' | 'remedy'> {
  const remedy = `Choose another file. To see what it is: ssh-keygen -lf ${shellWord(path)}`
  switch (what) {
    case 'missing':
      return { cause: 'There is no such file.', remedy: 'Check the name, or choose another file.' }
    case 'forbidden':
      return { cause: 'You may not read it.', remedy: `See whose it is: ls -l ${shellWord(path)}` }
    case 'not-plain':
      return {
        cause: 'It is a folder, or something else that is no key file.',
        remedy: 'Choose the file itself.',
      }
    case 'empty':
      return { cause: 'There is nothing in it.', remedy: 'Choose another file.' }
    case 'public':
      return {
        cause: 'It is the public half of a key.',
        remedy: 'Choose the private one, which usually lies beside it, by the same name without its ending.',
      }
    case 'pkcs8':
      return {
        cause: 'It is a private key in the form of PKCS#8, which Millwright does not read.',
        remedy: `Write it in OpenSSH’s own form, which asks for its passphrase: ssh-keygen -p -f ${shellWord(path)}`,
      }
    case 'putty':
      return {
        cause: 'It is a private key in the form of PuTTY’s, of a version that Millwright does not read.',
        remedy: `Write a copy in OpenSSH’s form and choose that: puttygen ${shellWord(path)} -O private-openssh -o id_copy`,
      }
    case 'security-key':
      return {
        cause: 'It is a key of a security key (FIDO), which Millwright cannot sign with.',
        remedy: 'Choose another key for this login. Builds have a key of their own anyway.',
      }
    case 'no-key':
      return { cause: 'It holds no private SSH key that Millwright knows.', remedy }
    default:
      return { cause: 'It is not there, not yours to read, or not a private SSH key.', remedy }
  }
}

/** Of which no answer of the person would have made one that is taken. */
function isUnfit(reason: string): boolean {
  return reason === 'weak' || reason === 'too-short'
}

function rejectionCause(reason: string, why: string | undefined): string {
  if (reason === 'revoked') return 'Your known_hosts file marks this key as revoked. Nothing secret was sent.'
  if (reason === 'strict') {
    return 'None of your known_hosts files has a key of it, and your SSH configuration says StrictHostKeyChecking yes: nobody is asked then. Nothing secret was sent.'
  }
  if (isUnfit(reason)) return `${why ?? 'None of its keys is of a kind that Millwright can hold it to'}.`
  return 'You said no to its fingerprint, or nobody was there to say yes. Nothing secret was sent.'
}

interface RejectedKey {
  readonly host: string
  readonly port: string | undefined
  readonly type: string
  readonly fingerprint: string
}

function rejectionRemedy(reason: string, { host, port, type, fingerprint }: RejectedKey): string {
  if (isUnfit(reason)) {
    return 'Make an Ed25519 key there (sudo ssh-keygen -A), restart its SSH server, then try again.'
  }
  const check = `It showed ${fingerprint}. Compare that with what ssh-keygen -lf ${keyFile(type)} prints on the machine`
  if (reason !== 'strict') return `${check}, then try again.`
  const portWords = port === undefined || port === '22' ? '' : ` -p ${port}`
  return `${check}; if it is the same, log in once by ssh -o StrictHostKeyChecking=ask${portWords} ${shellWord(host)}, then try again.`
}

/** A builder's key is root's to pin, and an administrator's to accept; anything else is in the person's own file. */
function wayOn(builder: string | undefined, forget: string | undefined, check: string | undefined): string {
  if (builder)
    return `${check ?? 'Compare the new fingerprint with the one on the machine itself.'} Only if they are the same, accept it, on its page or with: millwright accept-host-key ${builder}`
  if (forget)
    return `${check ? `${check} If it does,` : 'If you reinstalled it yourself,'} forget the old key: ${forget}`
  return 'No build goes there until an administrator agrees to the new key.'
}

/** Where sshd keeps the key of a type (sshd_config(5), HostKey). */
function keyFile(type: string): string {
  const name = type.startsWith('ecdsa-') ? 'ecdsa' : type === 'ssh-rsa' ? 'rsa' : 'ed25519'
  return `/etc/ssh/ssh_host_${name}_key.pub`
}

function forgetKey(host: string, port = '22'): string {
  return `ssh-keygen -R ${shellWord(port === '22' ? host : `[${host}]:${port}`)}`
}
