/** Makes a file's text anew; of a file that is not there yet, out of nothing. Throws where the code has moved on. */
export type Edit = (text: string) => string

/** Puts lines in front of the first place that begins with these words. */
const before =
  (words: string, lines: string): Edit =>
  (text) => {
    if (!text.includes(words))
      throw new Error(`There is no ${JSON.stringify(words)} to put something before.`)
    return text.replace(words, () => `${lines}${words}`)
  }
const all =
  (...edits: readonly Edit[]): Edit =>
  (text) =>
    edits.reduce((made, edit) => edit(made), text)
const create =
  (text: string): Edit =>
  () =>
    text

/** The ways of CONTRIBUTING.md, *How to add a thing*, each with the least that goes it: the files, and what is put in. */
export const ways = {
  failure: {
    'contract/helper.ts': before("  'no-such-builder',\n", "  'example-reason',\n"),
    'core/failures/helper.ts': before(
      '  QUARANTINED: failureRow(',
      '  EXAMPLE: failureRow({\n' +
        '    facts: onMachine,\n' +
        "    helper: { names: ['example-reason'] },\n" +
        '    words: (facts) => ({ title: builderName(facts), cause: "It is an example.", remedy: "Go on." }),\n' +
        '  }),\n',
    ),
    'helper/operations/configure-operations.ts': before(
      '/** Works on any ruin',
      "export const example = new Refusal('INVALID', 'example-reason', 'An example.')\n\n",
    ),
  },
  setting: {
    'contract/preferences.ts': before(
      '  /** Whether a builder that stops answering',
      '  example: setting(v.boolean(), false),\n',
    ),
    'renderer/features/settings/settings-page.tsx': before(
      '] as const\n\n/** What the person likes',
      "  { name: 'example', label: 'An example', on: 'It is on.', off: 'It is off.' },\n",
    ),
  },
  'remote check': {
    'remote/look/system.sh': before('  fact host_name "', '  fact example_count 1\n'),
    'contract/remote.ts': before('  kvm: v.boolean(),', '  exampleCount: v.optional(count),\n'),
    'core/provision/requirements.ts': (text) => {
      const [known, refusal] = /^ *if \(!nix\) (.*)$/m.exec(text) ?? []
      return before(known ?? 'if (!nix)', `  if (facts.exampleCount === 0) ${refusal}\n`)(text)
    },
  },
  'root operation': {
    'contract/helper.ts': before(
      '  /** Takes everything back',
      "  v.strictObject({ op: v.literal('example'), id: g.BuilderId, ...expected }),\n",
    ),
    'helper/operations/configure-operations.ts': before(
      '  uninstall: async (context)',
      '  example: (context, request) =>\n' +
        '    withStateChange(context, request, async (current) => {\n' +
        '      const { generation } = requireSetUp(current)\n' +
        '      return { generation }\n' +
        '    }),\n\n',
    ),
    'main/usecases/roll-back.ts': before(
      "  await helper.call({ op: 'rollback'",
      "  await helper.call({ op: 'example', id: 'otto' }, { ask: job.ask })\n",
    ),
  },
  'job command': {
    'contract/commands.ts': all(
      before("  'collect-garbage': v.", "  'try-example': v.strictObject({ id: g.BuilderId }),\n"),
      before("  'collect-garbage': 'collect'", "  'try-example': 'example',\n"),
    ),
    'core/jobs/kinds.ts': before(
      '} as const satisfies Readonly<Record<JobKind',
      '  example: {\n' +
        "    steps: { 'example-step': { todo: 'Do it', done: 'Did it' } },\n" +
        "    doing: 'Trying an example',\n" +
        "    retry: (id) => ({ name: 'try-example', input: { id } }),\n" +
        '  },\n',
    ),
    'main/usecases/try-example.ts': create(
      "import type { Flow, Job } from '../jobs/job'\n\n" +
        '/** An example. */\n' +
        "export async function* tryExample(job: Job, id: string): Flow<'example'> {\n" +
        "  yield 'example-step'\n" +
        '  job.note(id)\n' +
        '}\n',
    ),
    'main/commands.ts': all(
      before('import { withdrawSubstituter }', "import { tryExample } from './usecases/try-example'\n"),
      before(
        "    'collect-garbage': replying",
        "    'try-example': replying(({ id }) => start('example', id, (job) => tryExample(job, id))),\n",
      ),
    ),
    'main/terminal/commands/builders.ts': before(
      "  withId('resume',",
      "  withId('try-example', 'an example').action(async (id: string) => {\n" +
        '    const { handlers } = await terminal.app()\n' +
        "    const started = handlers['try-example']({ id })\n" +
        '    endWith(terminal, await runJob(terminal, started, nobody, printStep(terminal.io)))\n' +
        '  })\n',
    ),
    'renderer/features/builder/builder-menu.tsx': before(
      '      <Menu.Divider />\n      <Menu.Item\n        disabled={busy}\n        color="var(--broken)"',
      "      <Menu.Item onClick={() => void act('try-example', { id })}>Try an example</Menu.Item>\n",
    ),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Edit>>>>

/** What the world of the unit tests has to know of them, so that flows can be walked in it. */
export const inTheWorld = {
  'test/fakes/root.ts': before(
    "      case 'uninstall':",
    "      case 'example':\n        requireBuilder(request)\n        return {}\n",
  ),
  'test/fakes/documented-failures.ts': before(
    "  'helper.uninstall'",
    "  'helper.example': ['AUTHORISATION_DISMISSED'],\n",
  ),
} as const satisfies Readonly<Record<string, Edit>>
