// What undoing a guarded change would put back, as the differences that a plan shows.
import type { Difference } from '../resource.ts'
import { diffFile, type WantedFile } from '../resources/file-set-difference.ts'

type Seen = Parameters<typeof diffFile>[1]

/** From the files as they are now to the files as they were. Files that are the same are not in it. Pure. */
export function lookBack(before: readonly WantedFile[], now: Seen): readonly Difference[] {
  return before.flatMap((file) => diffFile(file, now))
}
