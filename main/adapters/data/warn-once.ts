import type { OnTrouble, Trouble } from './document-file'

const words: Readonly<Record<Trouble, string>> = {
  damaged: 'is damaged and was set aside as a file of the same name and “.broken”',
  unfit: 'does not say what it has to',
  unread: 'could not be read for now',
  newer: 'was written by a later Millwright and is left as it is',
}

/** A process warning for a file that cannot be read: once, as some are read every few seconds. */
export function warnOnce(): OnTrouble {
  const told = new Set<string>()
  return (path, trouble) => {
    if (told.has(path)) return
    told.add(path)
    process.emitWarning(`${path} ${words[trouble]}`)
  }
}
