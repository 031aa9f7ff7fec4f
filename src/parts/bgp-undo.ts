// Undoing a guarded change of a router: which of its file sets goes back, what that interrupts, and its proof.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { FileSet } from '../resources/file-set.ts'
import { guestHost } from '../resources/guest-host.ts'
import { readAnew, wishOf } from '../resources/host-facts.ts'
import type { Site } from '../site/site.ts'
import { GOBGP_FILES } from './bgp/gobgp.ts'
import { gobgpDisruption } from './bgp/gobgp-proof.ts'
import { sessionDisruption } from './bgp/session-impact.ts'
import { type Router, routersOf } from './router/router.ts'
import { routerSets } from './router/sets.ts'
import { type Files, isOfTopic, lookBack, type SeenFiles, type UndoHost } from './undo.ts'

/** A router of the site (default: the one that speaks BGP, or the only one), and what files mean to it. Errors: E_USAGE. */
export function routerWayBack(site: Site, name: string | undefined) {
  const router = findRouter(site, name)
  const { wish, before, after } = routerSets(site, router)
  // A drain of GoBGP is in the files of two sets: the later one is the daemon's that speaks.
  const setOf = (files: Files): FileSet | undefined => [...before, ...after].findLast((set) => holds(set, files))
  return {
    name: router.guest.name,
    kind: 'router' as const,
    isOurs: (change: string) => !isOfTopic(change),
    host: (outside: Outside) => guestHost(site, router.guest, outside),
    lookBack,
    /** These files as they are now, and all that is to be known of the router. */
    readNow: (host: UndoHost, files: Files): Promise<SeenFiles> =>
      readAnew(host, wishOf([wish, { files: files.map(({ path }) => path) }])),
    /** What putting these files back interrupts; undefined = nothing. `now`: by `readNow`. Pure. */
    disruptsBack: (files: Files, now: SeenFiles): string | undefined => {
      const set = setOf(files)
      if (set?.name === 'bird' && site.bgp) return sessionDisruption(site.bgp, now, files)
      if (set?.name === 'gobgp' && site.bgp) return gobgpDisruption(site.bgp, now, ...gobgpTexts(now, files))
      return set?.disrupts?.(now)
    },
    /** The own time of what they belong to, seconds. Pure. */
    leastSeconds: (files: Files): number => setOf(files)?.confirmWithinSeconds ?? 0,
    /** What does not stand after they were put back; [] = confirm. Both by `readNow`. Pure. */
    worseBack: (files: Files, now: SeenFiles, then: SeenFiles): readonly string[] =>
      setOf(files)?.prove?.(now, then) ?? [],
  }
}

/** GoBGP's file as it is and as it was; the same twice where it was not there. */
function gobgpTexts(now: SeenFiles, files: Files): readonly [string, string] {
  const have = now.files.get(GOBGP_FILES.conf)?.text ?? ''
  return [have, files.find(({ path }) => path === GOBGP_FILES.conf)?.text ?? have]
}

/** By a path: the guard's folder knows only files, and no two sets have one in common. */
function holds(set: FileSet, files: Files): boolean {
  const ours = set.files({ files: new Map(), commands: new Map() }).map(({ path }) => path)
  return files.some(({ path }) => ours.includes(path))
}

/** Errors: E_USAGE for a name that no router has, and for several where none is named. */
function findRouter(site: Site, name: string | undefined): Router {
  const routers = routersOf(site)
  const only = routers.length === 1 ? routers[0] : undefined
  const found = routers.find(({ guest }) => guest.name === (name ?? site.bgp?.router)) ?? (name ? undefined : only)
  if (found) return found
  const names = routers.map(({ guest }) => guest.name)
  const which = name === undefined ? 'no router' : `no router named ${name}`
  throw new OrionError(`${site.name} has ${names.length > 0 && !name ? 'several routers' : which}`, {
    code: 'E_USAGE',
    suggestions:
      names.length > 0 ? [`routers are named ${names.join(', ')}`] : ['name one: bgp.router in the site file'],
  })
}
