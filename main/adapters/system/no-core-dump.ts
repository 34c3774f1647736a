import { writeFileSync } from 'node:fs'
import { platform } from '../../../helper/system/find-installation'

/**
 * Keeps what was typed off the disk when this process crashes: a core dump would hold it. Linux then dumps none of our
 * memory (core(5), coredump_filter), whatever made the limit on its size; what we start inherits it. The programs of a
 * package set that limit to nothing as well. macOS makes no dumps unless it is told to.
 */
export function leaveNoCoreDump(): void {
  if (platform !== 'linux') return
  try {
    writeFileSync('/proc/self/coredump_filter', '0')
  } catch {
    // A kernel without core dumps has no such file.
  }
}
