import type { HelperReason } from '../../contract/helper'
import type { MessageRow } from './message'

type Row = MessageRow<HelperReason>
const nix = (says: RegExp, reason: HelperReason, more: Pick<Row, 'side' | 'beside'> = {}): Row => ({
  by: 'nix',
  says,
  reason,
  ...more,
})
const shell = (says: RegExp): Row => ({ by: 'shell', says, reason: 'remote-nix-gone' })
const program = '(?:nix-daemon|nix-store)'

/**
 * What Nix says once ssh is through, 2.3 to 2.36, Lix and Determinate unless told otherwise (daemon.cc, local-store.cc,
 * remote-store.cc, legacy-ssh-store.cc, derivation-goal.cc, user-lock.cc, config.cc). Only what tells rights apart word
 * by word may lead to advice about rights.
 */
export const nixMessages: readonly Row[] = [
  // "input-addressed" from 2.4 on. Untrusted users alone are told this (daemon.cc, wopBuildDerivation).
  nix(/^you are not privileged to build (?:input-addressed )?derivations$/, 'not-trusted'),
  // "a signature by a trusted key" from 2.12 on.
  nix(
    /^cannot add path '(?<path>[^']{1,300})' because it lacks a (?:valid signature|signature by a trusted key)$/,
    'not-signed',
  ),
  nix(/^user '(?<user>[^']{1,64})' is not allowed to connect to the Nix daemon$/, 'not-allowed'),
  nix(
    /^(?:illegal configuration line|syntax error in configuration line) '(?<said>.{0,300})' in ['"](?<path>\/[^'"]{1,400})['"]$/,
    'remote-conf-broken',
  ),
  nix(
    /^file ['"](?<said>\/[^'"]{1,400})['"] included from ['"](?<path>\/[^'"]{1,400})['"] not found$/,
    'remote-conf-broken',
  ),
  // The shell's own words for a login that is shut come as what Nix got instead of its greeting.
  nix(
    /^(?:'nix-store --serve' )?protocol mismatch(?: from '[^']{1,300}')?, got '(?<said>This account is currently not available\.)'?$/,
    'login-shell-shut',
  ),
  nix(
    /^(?:'nix-store --serve' )?protocol mismatch(?: from '[^']{1,300}')?(?:, got '(?<said>.{0,1000}?)'?)?$/,
    'protocol-mismatch',
  ),
  nix(
    /^(?<said>Nix daemon protocol version not supported|the Nix daemon version is too old|unsupported 'nix-store --serve' protocol version)$/,
    'protocol-unsupported',
  ),
  nix(
    /^cannot connect to (?:daemon )?socket at '(?<path>\/[^']{1,300})': (?<said>Connection refused|No such file or directory)$/,
    'remote-daemon-down',
    { side: 'remote' },
  ),
  nix(
    /^cannot connect to (?:daemon )?socket at '(?<path>\/[^']{1,300})': (?<said>Connection refused|No such file or directory)$/,
    'local-daemon-down',
    { side: 'here' },
  ),
  nix(
    /^(?:executing SQLite (?:query|statement) '.{0,500}': )?(?<said>database or disk is full)(?:, .{0,200})?(?: \(in '(?<path>\/[^']{1,300})'\))?$/,
    'remote-disk-full',
    { side: 'remote' },
  ),
  // Which of its disks, only the path tells.
  nix(
    /^(?<said>[a-z][^:']{0,200}(?:'(?<path>\/[^:']{1,300})'[^:']{0,100})?: No space left on device)$/,
    'remote-disk-full',
    { side: 'remote' },
  ),
  nix(/^(?<said>[a-z][^:]{0,300}: No space left on device)$/, 'remote-disk-full', { side: 'remote' }),
  nix(/^(?<said>[a-z][^:]{0,300}: No space left on device)$/, 'no-space', { side: 'here' }),
  // Capital U from 2.21 on; from 2.34 on "Reason: local builds are disabled".
  nix(
    /^[Uu]nable to start any build; either increase '--max-jobs' or enable remote builds\.?$/,
    'jobs-zero',
    {
      side: 'remote',
    },
  ),
  nix(/^either increase '--max-jobs' or enable remote builds\.$/, 'jobs-zero', {
    side: 'remote',
    beside: /^[Uu]nable to start any build;$/,
  }),
  nix(/^Reason: local builds are disabled \(max-jobs = 0\)$/, 'jobs-zero', { side: 'remote' }),
  nix(
    /^(?<said>a '[^']{1,80}' with features \{[^}]{0,300}\} is required to build '[^']{1,300}', but I am a '[^']{1,80}' with features \{[^}]{0,300}\})$/,
    'build-refused',
  ),
  nix(
    /^Reason: (?<said>platform mismatch|missing system features|required system or feature not available)$/,
    'build-refused',
  ),
  nix(
    /^(?<said>the build users group '[^']{1,64}' has no members|the group '[^']{1,64}' specified in 'build-users-group' does not exist|all build users are currently in use; consider creating additional users and adding them to the '[^']{1,64}' group)$/,
    'no-build-users',
  ),
  nix(
    /^(?<said>Could not find executable 'ssh'|(?:executing|unable to execute) 'ssh': No such file or directory)$/,
    'no-ssh',
  ),
  shell(
    new RegExp(
      `^(?:-)?(?:ba)?sh: (?:line )?\\d+: (?<said>(?:exec: )?(?:/\\S{1,300}/)?${program}: (?:command )?not found)$`,
    ),
  ),
  shell(new RegExp(`^dash: \\d+: (?<said>(?:exec: )?${program}: not found)$`)),
  shell(new RegExp(`^zsh:\\d+: (?<said>command not found: ${program})$`)),
  shell(new RegExp(`^fish: (?<said>Unknown command:? '?${program}'?)$`)),
  shell(new RegExp(`^sh: (?<said>${program}: not found)$`)),
  shell(
    new RegExp(
      `^env: (?<said>(?:can't execute )?['‘]?/\\S{0,300}/${program}['’]?: No such file or directory)$`,
    ),
  ),
]

/** Lines of Nix that come after any failed connection: they say that there was one, not why. */
const aftermath: readonly RegExp[] = [
  /^failed to start SSH (?:master )?connection to '[^']*'$/,
  /^cannot connect to '[^']*'$/,
  /^cannot open connection to remote store '[^']*'$/,
  /^unexpected end-of-file$/,
  /^unexpected EOF reading a line$/,
  /^Nix daemon disconnected unexpectedly \(maybe it crashed\?\)$/,
  /^[Uu]nable to start any build;/,
  /^remote machines may not have all required system features\.$/,
  /^Cannot build '[^']*'\.$/,
  /^Reason: (?:local builds are disabled \(max-jobs = 0\)|builder failed with exit code 1\.)$/,
  /^builder for '[^']*' failed with exit code 1[;.]?$/,
  /^\d+ dependenc(?:y|ies) of derivation /,
  /^(?:Hint|Output paths|For full logs, run|(?:L|l)ast \d+ log lines|For more information|derivation|required \(system|\d+ available machines|\(|Failed to find a machine|https:\/\/|\/nix\/store\/|nix(?:-store| log) )/,
]

export const isAftermath = (text: string) => aftermath.some((pattern) => pattern.test(text))
