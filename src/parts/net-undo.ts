// Undoing a guarded change of a node: what it interrupts where the interfaces are among its files, and its proof.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import { readAnew } from '../resources/host-facts.ts'
import type { Site } from '../site/site.ts'
import { disruptionBack, worseAfterBack } from './net/interfaces-back.ts'
import { FILE, interfacesWish } from './net/interfaces-wish.ts'
import { type Files, isOfTopic, lookBack, type SeenFiles, type UndoHost } from './undo.ts'

/** A node of the site, and what files mean to it. Errors: E_USAGE for a name that no node has. */
export function nodeWayBack(site: Site, name: string) {
  const node = site.nodes.find((one) => one.name === name)
  if (!node) {
    const names = site.nodes.slice(0, 8).map((one) => one.name)
    const suggestions = [`nodes are named ${names.join(', ')}`]
    throw new OrionError(`${site.name} has no node named ${name}`, { code: 'E_USAGE', suggestions })
  }
  return {
    name,
    kind: 'node' as const,
    isOurs: (change: string) => !isOfTopic(change),
    host: (outside: Outside) => outside.host(name),
    lookBack,
    /** These files as they are now, and where the interfaces are among them, all that is to be known of the network. */
    readNow: (host: UndoHost, before: Files): Promise<SeenFiles> => {
      const files = before.map(({ path }) => path)
      return readAnew(host, findFile(before) ? { ...interfacesWish(node), files } : { files })
    },
    /** What putting these files back interrupts; undefined = nothing. `now`: by `readNow`. Pure. */
    disruptsBack: (before: Files, now: SeenFiles): string | undefined => {
      const file = findFile(before)
      return file && disruptionBack(node, file.text, now)
    },
    /** What does not stand after they were put back; [] = confirm. Both by `readNow`. Pure. */
    worseBack: (before: Files, now: SeenFiles, after: SeenFiles): readonly string[] => {
      const file = findFile(before)
      return file ? worseAfterBack(node, file.text, now, after) : []
    },
  }
}

const findFile = (files: Files) => files.find(({ path }) => path === FILE)
