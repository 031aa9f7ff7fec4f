// Undoing a guarded change of any host: what it would put back, as the differences that a plan shows.
import type { Difference, Outside } from '../resource.ts'
import { diffFile, type WantedFile } from '../resources/file-set-difference.ts'

/** What was read of a host. */
export type SeenFiles = Parameters<typeof diffFile>[1]
export type UndoHost = Awaited<ReturnType<Outside['host']>>
export type Files = readonly WantedFile[]

/** A change of the mesh, by its name: it has a way back of its own, with another proof than the host's other topics. */
export const isOfMesh = (change: string): boolean => /^mesh(-|$)/.test(change)

/** A change of a node that another topic than its network and settings puts back. */
export const isOfTopic = (change: string): boolean =>
  isOfMesh(change) || /^(gpu|reboot|cores|keeper|watchdog|profile)(-|$)/.test(change)

/** From the files as they are now to the files as they were. Files that are the same are not in it. Pure. */
export function lookBack(before: Files, now: SeenFiles): readonly Difference[] {
  return before.flatMap((file) => diffFile(isSecret(file, now) ? { ...file, secret: true } : file, now))
}

const OTHERS = 0o007

/** The host remembers no more of a file than its rights: what others may not read is not shown. */
function isSecret({ path, mode }: WantedFile, now: SeenFiles): boolean {
  const modes = [mode, now.files.get(path)?.mode].filter((one) => one !== undefined)
  return modes.some((one) => (one & OTHERS) === 0)
}
