/** The longest line that `remote/probe.sh` could print. */
export const longestProbe = 1024

/** Whether this is what the probe prints, and nothing beside it. Hostile until then. */
export function isProbe(text: string): boolean {
  return /^millwright-probe 1( [A-Za-z0-9]+=[A-Za-z0-9.-]*){1,16}\n$/.test(text)
}
