import { describe, expect, it } from 'vitest'
import { classifyOutput } from '../../../helper/operations/classify-output'

describe('what was said on stderr', () => {
  it.each([
    ['Host key verification failed.', 'host-key-changed'],
    ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @', 'host-key-changed'],
    [
      'No ED25519 host key is known for millwright-a and you have requested strict checking.',
      'host-key-changed',
    ],
    ['x@10.0.0.1: Permission denied (publickey,password).', 'login-refused'],
    ['ssh: connect to host a port 22: Connection timed out', 'unreachable'],
    ['ssh: connect to host a port 22: Connection refused', 'unreachable'],
    ['ssh: Could not resolve hostname a: Name or service not known', 'unreachable'],
    ['kex_exchange_identification: Connection closed by remote host', 'unreachable'],
    ["error: protocol mismatch, got 'Welcome'", 'protocol-mismatch'],
    ["error: 'nix-store --serve' protocol mismatch from 'a', got 'Welcome'", 'protocol-mismatch'],
    ['error: you are not privileged to build input-addressed derivations', 'not-trusted'],
    ["cannot add path '/nix/store/x' because it lacks a valid signature", 'not-trusted'],
    ["cannot add path '/nix/store/x' because it lacks a signature by a trusted key", 'not-trusted'],
    ["error: user 'x' is not allowed to connect to the Nix daemon", 'not-trusted'],
    ["error: a 'x' with features {gold} is required to build 'y', but I am a 'z'", 'build-refused'],
    ['Reason: missing system features', 'build-refused'],
    ['sh: nix-daemon: command not found', 'ping-failed'],
    [
      "cannot build on 'ssh-ng://millwright-a': error: cannot open connection to remote store 'ssh-ng://': error: Nix daemon disconnected unexpectedly (maybe it crashed?)\nerror: Unable to start any build;",
      'ping-failed',
    ],
    [
      "cannot build on 'ssh-ng://millwright-a': error: unexpected end-of-file\nerror: unable to start any build; remote machines may not have all required system features.",
      'ping-failed',
    ],
    [
      'ssh: connect to host a port 22: Connection timed out\nerror: unexpected end-of-file\nerror: unable to start any build;',
      'unreachable',
    ],
  ])('%s means %s', (text, reason) => {
    expect(classifyOutput(text, 'ping-failed')).toBe(reason)
  })
})
