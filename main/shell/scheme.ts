import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** The scheme of our own page: not `file:`, so that no file outside `out/renderer` has an address. */
export const scheme = 'millwright'
export const pageUrl = `${scheme}://app/index.html`

/**
 * What the page may do: run its own scripts and use its own style sheets. Nothing inline (React sets styles
 * through the object model, which needs no permission), no images or fonts but what these hold, and nothing
 * fetched, framed or submitted.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Whether an address is our own page (any of its fragments). */
export function isOwnPage(url: string): boolean {
  return url.split(/[#?]/)[0] === pageUrl
}

/** Responds to a request for a file of the built window; anything else is 404. */
export async function answerRequest(root: string, url: string): Promise<Response> {
  const file = fileOf(root, url)
  const type = types[extname(file ?? '')]
  if (!file || !type) return new Response(undefined, { status: 404 })
  try {
    return new Response(new Uint8Array(await readFile(file)), { headers: headersFor(type) })
  } catch {
    // 404 is what the page is told.
    return new Response(undefined, { status: 404 })
  }
}

function headersFor(type: string): Record<string, string> {
  return {
    'Content-Type': type,
    'Content-Security-Policy': contentSecurityPolicy,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
  }
}

/** The file below `root` that an address names; undefined for another host or a way out of the folder. */
function fileOf(root: string, url: string): string | undefined {
  if (!url.startsWith(`${scheme}://app/`)) return undefined
  try {
    const file = join(root, decodeURIComponent(new URL(url).pathname))
    return file.startsWith(root + sep) ? file : undefined
  } catch {
    return undefined // Not an address, or not UTF-8 once decoded.
  }
}
