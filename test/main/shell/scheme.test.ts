import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAllowedOutside } from '../../../main/shell/external-links'
import { answerRequest, isOwnPage, pageUrl } from '../../../main/shell/scheme'

describe('the window’s own scheme', () => {
  let folder: string
  let root: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'millwright-scheme-'))
    root = join(folder, 'renderer')
    mkdirSync(join(root, 'assets'), { recursive: true })
    writeFileSync(join(root, 'index.html'), '<title>page</title>')
    writeFileSync(join(root, 'assets/index.js'), 'script')
    writeFileSync(join(root, 'assets/notes.txt'), 'of no known type')
    writeFileSync(join(folder, 'secret.js'), 'SECRET')
    mkdirSync(`${root}-beside`)
    writeFileSync(join(`${root}-beside`, 'index.js'), 'SECRET')
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('serves the page and its parts, each with its type', async () => {
    const page = await answerRequest(root, `${pageUrl}#add`)
    expect(await page.text()).toBe('<title>page</title>')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    const script = await answerRequest(root, 'millwright://app/assets/index.js?v=1')
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
  })

  it('lets the page do nothing that is not listed', async () => {
    const policy = (await answerRequest(root, pageUrl)).headers.get('content-security-policy')
    expect(policy?.split('; ')[0]).toBe("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/unsafe-eval|connect-src|https?:|\*/)
  })

  it.each([
    'millwright://app/../secret.js',
    'millwright://app/%2e%2e/secret.js',
    'millwright://app/..%2fsecret.js',
    'millwright://app/assets/..%2f..%2fsecret.js',
    'millwright://app/..%2frenderer-beside/index.js',
    'millwright://app/%00/index.html',
    'millwright://app/%ff',
    'millwright://app/',
    'millwright://app/assets/notes.txt',
    'millwright://other/index.html',
    'file:///etc/passwd',
    '',
  ])('answers 404 to %j', async (url) => {
    const { status } = await answerRequest(root, url)
    expect(status).toBe(404)
  })

  it('never serves a file outside its folder, whatever the address', async () => {
    const piece = fc.constantFrom(
      '..',
      '%2e%2e',
      '/',
      '%2f',
      '\\',
      '%5c',
      'secret.js',
      'renderer-beside',
      'index.js',
      '?',
      '#',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const response = await answerRequest(root, `millwright://app/${pieces.join('')}`)
        expect(await response.text()).not.toContain('SECRET')
      }),
      { numRuns: 1000 },
    )
  })

  it('knows its own page from any other', () => {
    expect(isOwnPage(pageUrl)).toBe(true)
    expect(isOwnPage(`${pageUrl}#/builder/anna`)).toBe(true)
    for (const url of ['', 'about:blank', 'millwright://app/assets/index.js', `https://evil/?${pageUrl}`]) {
      expect(isOwnPage(url)).toBe(false)
    }
  })
})

describe('a link out of the window', () => {
  it('opens when it is https and listed', () => {
    expect(isAllowedOutside('https://nix.dev/manual/nix/latest/advanced-topics/distributed-builds')).toBe(
      true,
    )
  })

  it.each([
    'http://nix.dev/',
    'https://nix.dev.evil.example/',
    'https://nix.dev@evil.example/',
    'https://user:secret@nix.dev/',
    'https://nix.dev:8443/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'ssh://nix.dev',
    'nix.dev',
    '',
  ])('stays closed when it is %j', (url) => {
    expect(isAllowedOutside(url)).toBe(false)
  })
})
