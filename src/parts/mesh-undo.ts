// Undoing a guarded change of the mesh on one host: which of its file sets goes back, what that interrupts, and its proof.
import { dirname } from 'node:path'
import type { Outside } from '../resource.ts'
import type { FileSet } from '../resources/file-set.ts'
import { readAnew, wishOf } from '../resources/host-facts.ts'
import type { Site } from '../site/site.ts'
import { MESH_BIRD } from './mesh/bird-names.ts'
import { SESSION_FACTS, sessionDisruption } from './mesh/bird-sessions.ts'
import { IDENTITIES_DIR, MESH_DIR, MESH_PROGRAM } from './mesh/link-paths.ts'
import { linksDisrupted } from './mesh/links-proof.ts'
import { gatewayOf } from './mesh/model.ts'
import { noSuch } from './mesh/names.ts'
import { nearSets } from './mesh/near.ts'
import { pskFile } from './mesh/psk-program.ts'
import { reachOf } from './mesh/reach.ts'
import { meshSets } from './mesh/sets.ts'
import { type Files, isOfMesh, lookBack, type SeenFiles, type UndoHost } from './undo.ts'

/**
 * A host of the mesh, or one of the site file that is in it no more, and what files mean to it. Keys are in none of them: they
 * never go back. Errors: E_USAGE.
 */
export function meshWayBack(site: Site, name: string) {
  const sets = setsOf(site, name)
  const gateway = gatewayOf(site, name)
  const setOf = (files: Files): FileSet | undefined => sets.find((set) => holds(set, files))
  return {
    name,
    kind: 'gateway' as const,
    // Weights and clients have commands of their own. A rotation takes its drain back itself: undoing that would drain for good.
    isOurs: (change: string) => isOfMesh(change) && !/^mesh-(client-|(weight|drain)$)/.test(change),
    host: (outside: Outside) => reachOf(site)(name, outside),
    lookBack: (files: Files, now: SeenFiles) => lookBack(files.map(toOpaque), now),
    /** These files as they are now, and all that is to be known of the host. */
    readNow: (host: UndoHost, files: Files): Promise<SeenFiles> =>
      readAnew(host, wishOf([setOf(files)?.wish ?? goneFacts(files), { files: files.map(({ path }) => path) }])),
    /** What putting these files back interrupts; undefined = nothing. `now`: by `readNow`. Pure. */
    disruptsBack: (files: Files, now: SeenFiles): string | undefined => {
      const set = setOf(files)
      if (set?.name === 'mesh-bird' || (!set && isBird(files))) return sessionDisruption(now, files)
      const isLinks = set === undefined || set.name === 'mesh'
      return isLinks ? linksDisrupted(gateway ?? { links: [] }, now, files) : set.disrupts?.(now)
    },
    /** The own time of what they belong to, seconds. Pure. */
    leastSeconds: (files: Files): number => setOf(files)?.confirmWithinSeconds ?? 0,
    /** What does not stand after they were put back; [] = confirm. Both by `readNow`. Pure. */
    worseBack: (files: Files, now: SeenFiles, then: SeenFiles): readonly string[] =>
      setOf(files)?.prove?.(now, then) ?? [],
  }
}

/** [] = a host that the mesh has left, or never came to: what it remembers says which. Errors: E_USAGE for an unknown name. */
function setsOf(site: Site, name: string): readonly FileSet[] {
  const sets = site.mesh ? [...meshSets(site).values(), nearSets(site)].flat() : []
  const found = sets.filter(({ host }) => host === name)
  if (found.length > 0 || [...site.nodes, ...site.guests].some((host) => host.name === name)) return found
  const names = [...new Set(sets.map(({ host }) => host))]
  throw noSuch(site, 'gateway', name, names)
}

/** As in a plan: programs and public keys of other hosts say nothing to people, and fill pages. */
function toOpaque(file: Files[number]): Files[number] {
  const isOpaque = dirname(file.path) === IDENTITIES_DIR || [MESH_PROGRAM, pskFile().path].includes(file.path)
  return isOpaque ? { ...file, opaque: true } : file
}

const isBird = (files: Files): boolean => files.some(({ path }) => path === MESH_BIRD.conf)

/** No set of the site file says any more what is to be known of these. */
const goneFacts = (files: Files) => (isBird(files) ? SESSION_FACTS : {})

/** By its paths, and by folders of its own: what was there may be of a link that is no more. */
function holds(set: FileSet, files: Files): boolean {
  const paths = set.files({ files: new Map(), commands: new Map() }).map(({ path }) => path)
  const folders = paths.map((path) => dirname(path)).filter((folder) => folder.startsWith(`${MESH_DIR}/`))
  return files.some(({ path }) => paths.includes(path) || folders.includes(dirname(path)))
}
