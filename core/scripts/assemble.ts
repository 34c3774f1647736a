const scriptNames = [
  ...(['inspect', 'provision', 'unprovision', 'substituter', 'rekey', 'jump'] as const),
  ...(['serve', 'probe', 'collect', 'enter'] as const),
] as const

/** The scripts for builders, each whole: what is shown, and what runs. */
export type ScriptTexts = Readonly<Record<(typeof scriptNames)[number], string>>

const include = /^#include (\S+)$/gm

/**
 * Puts the scripts together from the files of `remote/`, by their path there: a line `#include PATH` gives way to the
 * text of that file, under its name. It is a comment to sh(1), so that what was not put in is missing and nothing else.
 * Throws where a file is missing: the working copy is not whole.
 */
export function assembleScripts(files: Readonly<Record<string, string>>): ScriptTexts {
  const texts = scriptNames.map((name) => [name, assemble(textOf(files, `${name}.sh`), files)] as const)
  return Object.fromEntries(texts) as ScriptTexts
}

/** One script's text, or a part of one, with what it includes. */
export function assemble(text: string, files: Readonly<Record<string, string>>): string {
  return text.replace(include, (_, path: string) => `\n# --- ${path}\n\n${textOf(files, path).trimEnd()}`)
}

function textOf(files: Readonly<Record<string, string>>, path: string): string {
  const text = files[path]
  if (text === undefined) throw new Error(`There is no remote/${path}.`)
  return text
}
