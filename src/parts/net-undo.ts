// Undoing a guarded change: what it would put back, as the differences that a plan shows, what that interrupts, and its proof.
import type { Difference, Outside } from '../resource.ts'
import { diffFile, type WantedFile } from '../resources/file-set-difference.ts'
import { readAnew } from '../resources/host-facts.ts'
import type { Node } from '../site/site.ts'
import { disruptionBack, worseAfterBack } from './net/interfaces-back.ts'
import { FILE, interfacesWish } from './net/interfaces-wish.ts'

type Seen = Parameters<typeof diffFile>[1]
type Host = Awaited<ReturnType<Outside['host']>>
type Files = readonly WantedFile[]

/** From the files as they are now to the files as they were. Files that are the same are not in it. Pure. */
export function lookBack(before: Files, now: Seen): readonly Difference[] {
  return before.flatMap((file) => diffFile(file, now))
}

/** These files as they are now, and where the interfaces are among them, all that is to be known of the network. */
export function readNow(host: Host, node: Node, before: Files): Promise<Seen> {
  const files = before.map(({ path }) => path)
  return readAnew(host, findFile(before) ? { ...interfacesWish(node), files } : { files })
}

/** What putting these files back interrupts; undefined = nothing. `now`: by `readNow`. Pure. */
export function disruptsBack(node: Node, before: Files, now: Seen): string | undefined {
  const file = findFile(before)
  return file && disruptionBack(node, file.text, now)
}

/** What does not stand after they were put back; [] = confirm. Both by `readNow`. Pure. */
export function worseBack(node: Node, before: Files, now: Seen, after: Seen): readonly string[] {
  const file = findFile(before)
  return file ? worseAfterBack(node, file.text, now, after) : []
}

const findFile = (files: Files): WantedFile | undefined => files.find(({ path }) => path === FILE)
