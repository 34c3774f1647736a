/** What `remote/collect.sh` prints; hostile until parsed. */
export interface CollectLine {
  readonly paths: number
  readonly bytes: number
  readonly isDone: boolean
}

/** Which version of the script's protocol a line is of; undefined for whatever is none of ours. */
export function collectProtocolVersion(line: string): number | undefined {
  const [, version] = /^millwright-collect (\d{1,4}) /.exec(line) ?? []
  return version === undefined ? undefined : Number(version)
}

/** More than the longest line that it could print. */
export const maxCollectLineBytes = 96

/** A line without its end; undefined for whatever is none of ours. */
export function parseCollectLine(line: string): CollectLine | undefined {
  const [match, paths, bytes, done] =
    /^millwright-collect 1 paths=(\d{1,10}) bytes=(\d{1,15})( done)?$/.exec(line) ?? []
  if (match === undefined) return undefined
  return { paths: Number(paths), bytes: Number(bytes), isDone: done !== undefined }
}
