import { existsSync, readdirSync, statSync } from 'node:fs'
import type { HelperStatus, OwnedFile } from '../../contract/helper'
import { protocolVersions } from '../../contract/version'
import { settingsAfterInclude } from '../../core/nix/nix-conf'
import { newKeyPath } from '../../core/ssh/alias'
import { version } from '../../package.json'
import { foreignFiles } from '../state/foreign-files'
import {
  currentGeneration,
  generationPath,
  listGenerations,
  readCurrent,
  readGeneration,
  requireReadableState,
} from '../state/generations'
import type { State } from '../state/state'
import { readForCaller } from '../system/caller'
import { controlMasterFiles } from '../system/control-masters'
import { foreignMachines, readExistingBuilders } from '../system/local-nix'
import { readPlainText } from '../system/read-file'
import { currentLink, keyPath, nixConfPath, type System } from '../system/system'

/** What is in force, as anyone may read it. Changes nothing and asks for nothing. Fails with UNSUPPORTED, state-newer. */
export function readStatus(system: System): HelperStatus {
  requireReadableState(system)
  const state = readCurrent(system)
  return {
    version,
    protocol: protocolVersions.helper,
    initialised: state !== undefined,
    ...(state ? { generation: state.generation } : {}),
    generations: listGenerations(system).flatMap((one) => summary(readGeneration(system, one))),
    remoteOnly: state?.remoteOnly ?? false,
    builders: state?.builders ?? [],
    files: state ? ownedFiles(system, state) : [],
    foreign: foreignMachines(system, readExistingBuilders(system, readForCaller), readForCaller),
    warnings: warnings(system, state),
  }
}

function summary(state: State | undefined): HelperStatus['generations'] {
  if (!state) return []
  const { generation, at, operation, builders } = state
  return [{ generation, at, operation, builders: builders.length }]
}

/** Private keys are named, never shown; root's SSH configuration is taken to hold our line when we cannot look. */
function ownedFiles(system: System, state: State): OwnedFile[] {
  const folder = generationPath(system, state.generation)
  const whole = [...readdirSync(folder).map((name) => `${folder}/${name}`), ...controlMasterFiles(system)]
  return [
    ...whole.map(
      (path): OwnedFile => ({ path, mode: modeOf(path), owns: 'whole', content: readPlainText(path) }),
    ),
    ...state.builders.flatMap(({ id, nextBuildKey }): OwnedFile[] => {
      const path = keyPath(system, id)
      const paths = nextBuildKey === undefined ? [path] : [path, newKeyPath(path)]
      return paths.map((one) => ({ path: one, mode: '0600', owns: 'whole' }))
    }),
    ...foreignFiles(system).map(({ path, include, mode, add }): OwnedFile => {
      const content = add('', include).trim()
      return { path, mode: existsSync(path) ? modeOf(path) : `0${mode.toString(8)}`, owns: 'line', content }
    }),
  ]
}

function modeOf(path: string): string {
  return `0${(statSync(path).mode & 0o777).toString(8)}`
}

function warnings(system: System, state: State | undefined): string[] {
  if (!state) {
    const isBroken = currentGeneration(system) !== undefined
    return isBroken ? [`${currentLink(system)} names files that are not as Millwright wrote them.`] : []
  }
  const path = nixConfPath(system)
  const text = readForCaller(path)
  // In root's own home nobody else may look; what the daemon goes by is asked of it elsewhere (`read-daemon`).
  if (text === undefined && system.declared) return notShared(state)
  if (text === undefined) return [`${path} cannot be read by this user, so it was not looked at.`]
  const include = `${currentLink(system)}/nix.conf`
  const isIncluded = text.split('\n').some((line) => line.trim() === `!include ${include}`)
  return [
    ...notShared(state),
    ...(isIncluded ? [] : [`${path} no longer includes ${include}, so Nix does not know your builders.`]),
    ...settingsAfterInclude(text, include).map(
      (one) =>
        `${path}:${one.line}: ${'name' in one ? one.name : one.path} comes after Millwright's line and may undo it.`,
    ),
    ...(readExistingBuilders(system) === state.existingBuilders
      ? []
      : ['The system’s own builders setting has changed; the next change of a builder takes it over.']),
  ]
}

function notShared({ builders }: State): string[] {
  return builders
    .filter(({ sharing }) => sharing === 'failed')
    .map(
      ({ id }) =>
        `Builds no longer got through the shared connection to ${id}, so Millwright turned it off: each logs in for itself.`,
    )
}
