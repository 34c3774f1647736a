import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HelperLine } from '../../../contract/helper'
import { protocolVersions, rootVersions } from '../../../contract/version'
import { readDocument } from '../../../core/versions/document'
import { installStatus } from '../../../helper/install/install'
import { originFormat } from '../../../helper/state/origin'
import { parseState } from '../../../helper/state/state'
import { readFormat, readFormats } from '../../fixtures/read-formats'

describe('root’s files that any version has written', () => {
  it.each(readFormats('state'))('are read: state, %s', (_, text) => {
    const { version, builders } = JSON.parse(text)
    expect(parseState(text)).toMatchObject({ version: rootVersions.state, builders })
    expect(version).toBe(1)
  })

  it('are read without those fields that may be missing', () => {
    const documents = readFormats('state').map(([, text]) => JSON.parse(text))
    for (const name of ['version', 'remoteOnly', 'existingBuilders'])
      for (const { [name]: _, ...rest } of documents)
        expect(parseState(JSON.stringify(rest)), name).toMatchObject({ builders: rest.builders })
    for (const document of documents)
      for (const name of ['substituter', 'sharing', 'buildKey', 'nextBuildKey', 'adoptedFrom', 'jump'])
        for (const { [name]: _, ...rest } of document.builders)
          expect(parseState(JSON.stringify({ ...document, builders: [rest] }))).toMatchObject({
            builders: [rest],
          })
  })

  it.each(readFormats('origin'))('are read: origin, %s', (_, text) => {
    expect(readDocument(originFormat, text)).toMatchObject({
      is: 'read',
      value: { files: ['/root/.ssh/config'], directories: [] },
    })
  })

  it.each(readFormats('helper-install'))('are read: what the installer noted, %s', (_, text) => {
    const prefix = mkdtempSync(join(tmpdir(), 'helper-install-'))
    onTestFinished(() => rmSync(prefix, { recursive: true }))
    writeFileSync(join(prefix, 'install.json'), text)
    expect(installStatus({ variant: 'system', prefix })).toMatchObject({ version: '0.1.0' })
    writeFileSync(join(prefix, 'install.json'), text.slice(0, 40))
    expect(installStatus({ variant: 'system', prefix })).toMatchObject({ state: 'insecure' })
  })

  it('are nobody’s when they are cut', () => {
    const text = readFormat('state', '690fc8f.json')
    for (let size = 0; size < text.trimEnd().length; size++)
      expect(parseState(text.slice(0, size))).toBeUndefined()
  })
})

describe('what a helper of any version says', () => {
  it.each(readFormats('helper-lines'))('is understood: %s', (_, text) => {
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => v.parse(HelperLine, JSON.parse(line)))
    expect(lines.map(({ type }) => type)).toEqual(['hello', 'result'])
    expect(lines[0]).toMatchObject({ version: '0.1.0', protocol: 1 })
  })

  it('is understood of a later one as far as it can be', () => {
    const later = {
      ...{ type: 'result', code: 'NEEDS_ATTENTION', reason: 'a-new-one', detail: 'words', mood: 'good' },
    }
    expect(v.parse(HelperLine, later)).toEqual({
      ...{ type: 'result', code: 'NEEDS_ATTENTION', reason: undefined, detail: 'words' },
    })
    expect(protocolVersions.helper).toBeGreaterThan(1)
  })
})
