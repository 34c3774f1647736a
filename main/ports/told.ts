import type { ToldHealth } from '../../core/health/told'

/** What the app that watches says of its builders, for a terminal of the same person beside it. Never fails. */
export interface ToldPort {
  /** By the builder's id; none where no app watches now. */
  read(): Promise<Readonly<Record<string, ToldHealth>>>
  /** For as long as this process lives; read by nobody who finds that it has not been said anew for too long. */
  write(told: Readonly<Record<string, ToldHealth>>): Promise<void>
  /** Nobody watches any more. */
  clear(): Promise<void>
}
