/**
 * Who may import whom. `test/architecture.test.ts` holds it; `npm run rooms` prints what breaks it, and
 * `npm run rooms -- -T metrics` how many arrows lead in and out of each room.
 */

const folder = (...names) => `^(${names.join('|')})/`
const file = (...names) => `^(${names.join('|')})\\.ts$`
const library = (...names) => `^node_modules/(${names.join('|')})/`
const anyLibrary = '^node_modules/(?!electron/)'
/** For the version number alone. */
const manifest = '^package\\.json$'

/** A floor may import itself, and what `to` names; `node`: Node's own modules too. */
function floor(name, from, to, { says, except = [], node = false }) {
  return {
    name,
    comment: says,
    severity: 'error',
    from: { path: from, pathNot: except },
    to: { pathNot: to, ...(node && { dependencyTypesNot: ['core'] }) },
  }
}

const mainHeart = file('main/store', 'main/failures')

export default {
  forbidden: [
    floor('contract', folder('contract'), [folder('contract'), library('valibot')], {
      says: 'contract imports itself and the schema library',
    }),
    floor('core', folder('core'), [folder('contract', 'core'), library('valibot')], {
      says: 'core imports contract, and the schema library that contract is written in',
    }),
    floor('ports', folder('main/ports'), [folder('contract', 'core', 'main/ports')], {
      says: 'ports import contract and core',
    }),
    floor(
      'usecases',
      folder('main/usecases'),
      [folder('contract', 'core', 'main/ports', 'main/usecases', 'main/jobs'), file('main/failures')],
      { says: 'use-cases import contract, core, ports, jobs and failures' },
    ),
    floor(
      'adapters',
      folder('main/adapters'),
      [
        folder('contract', 'core', 'main/ports', 'main/adapters', 'remote', 'helper'),
        file('main/failures'),
        anyLibrary,
        manifest,
      ],
      {
        says: 'adapters import contract, core, ports, failures, the helper, Node and their library',
        node: true,
      },
    ),
    floor(
      'shell',
      folder('main/shell'),
      [folder('contract', 'core', 'main/shell'), mainHeart, library('electron', 'valibot')],
      {
        says: 'the shell imports contract, core, store, failures, electron, and the schema library for what it is sent',
        node: true,
      },
    ),
    floor(
      'terminal',
      folder('main/terminal'),
      [
        folder('contract', 'core', 'main/terminal'),
        mainHeart,
        library('commander', 'valibot', 'log-update', 'string-width', 'cli-truncate'),
      ],
      {
        says: 'the terminal imports contract, core, store, failures, its libraries, and no Electron',
        node: true,
      },
    ),
    floor(
      'jobs',
      `${folder('main/jobs')}|${mainHeart}`,
      [folder('contract', 'core', 'main/ports', 'main/jobs'), mainHeart],
      { says: 'jobs, store and failures import contract, core, ports and each other' },
    ),
    floor(
      'composition',
      '^main/[^/]+\\.ts$',
      [
        folder('contract', 'core', 'main'),
        file('helper/system/find-installation'),
        manifest,
        '^node_modules/',
      ],
      {
        says: 'what composes main may import all of it',
        except: [mainHeart],
        node: true,
      },
    ),
    {
      name: 'cli-without-electron',
      comment: 'the terminal’s entry runs without Electron',
      severity: 'error',
      from: { path: file('main/cli') },
      to: { path: [library('electron'), folder('main/shell')], reachable: true },
    },
    floor('preload', folder('preload'), [folder('contract', 'preload'), library('electron')], {
      says: 'preload imports contract and electron',
    }),
    {
      name: 'preload-types-only',
      comment: 'preload takes only types from the contract',
      severity: 'error',
      from: { path: folder('preload') },
      to: { path: folder('contract'), dependencyTypesNot: ['type-only'] },
    },
    floor('renderer', folder('renderer'), [folder('contract', 'core', 'renderer'), anyLibrary], {
      says: 'the renderer imports contract, core and UI libraries; nothing of main, Node or Electron',
    }),
    floor(
      'helper',
      folder('helper'),
      [folder('contract', 'core', 'helper', 'assets/polkit'), manifest, library('valibot')],
      {
        says: 'the helper imports contract, core, Node, the schema library, and the policy that it installs',
        node: true,
      },
    ),
    {
      name: 'no-circle',
      comment: 'no file imports itself by way of others, types included',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circle-of-rooms',
      comment: 'no room imports itself by way of others',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'what is imported is there',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no API that is stable yet; swc reads the imports, those of types included.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.d.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
