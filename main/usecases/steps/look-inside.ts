import type { RemoteFacts } from '../../../contract/remote'
import { waysToTry, withInside, withWayInSaid } from '../../../core/provision/inside'
import { parseInside, type ScriptResult } from '../../../core/provision/inspect'
import type { ScriptTexts } from '../../../core/scripts/assemble'
import { insideScript } from '../../../core/scripts/script'

/** Tries the ways to a Nix that is not to be seen without one, a round trip each; the first that leads there counts. */
export async function lookInside(
  run: (script: string) => Promise<ScriptResult>,
  scripts: ScriptTexts,
  facts: RemoteFacts,
  nonce: string,
): Promise<RemoteFacts> {
  let found = facts
  for (const way of waysToTry(facts)) {
    const result = await run(insideScript(scripts, way, nonce))
    const inside = withInside(facts, way, parseInside(result, nonce))
    if (inside) return inside
    found = withWayInSaid(facts, result)
  }
  return found
}
