// Undoing a guarded change of the Keeper on a node: what that ends, and its proof.
import { OrionError } from '../errors.ts'
import type { Outside } from '../resource.ts'
import type { FileSet } from '../resources/file-set.ts'
import { readAnew, wishOf } from '../resources/host-facts.ts'
import type { Site } from '../site/site.ts'
import { endingFacts, withoutDog, withoutKeeper } from './keeper/ending.ts'
import { PROGRAM, UNIT_FILE } from './keeper/program.ts'
import { KEEPER_FILES } from './keeper/service.ts'
import { WATCHDOG_FILE } from './keeper/watchdog.ts'
import { keeperSets } from './keeper.ts'
import { type Files, lookBack, type SeenFiles, type UndoHost } from './undo.ts'

/** A node of the site, and what the Keeper's files mean to it. Errors: E_USAGE for a name that no node has. */
export function keeperWayBack(site: Site, name: string) {
  const node = site.nodes.find((one) => one.name === name)
  if (!node) {
    const suggestions = [
      `nodes are named ${site.nodes
        .slice(0, 8)
        .map((one) => one.name)
        .join(', ')}`,
    ]
    throw new OrionError(`${site.name} has no node named ${name}`, { code: 'E_USAGE', suggestions })
  }
  const sets = keeperSets(site, node)
  const setOf = (files: Files): FileSet | undefined => sets.find((set) => pathsOf(set).some((path) => has(files, path)))
  const device = site.keeper?.watchdog?.device
  return {
    name,
    kind: 'node' as const,
    isOurs: (change: string) => change === 'keeper' || change === 'watchdog',
    host: (outside: Outside) => outside.host(name),
    lookBack: (before: Files, now: SeenFiles) => lookBack(before.map(withoutText), now),
    /** These files as they are now, what the Keeper has shed, and who has the watchdog. */
    readNow: (host: UndoHost, files: Files): Promise<SeenFiles> =>
      readAnew(host, wishOf([setOf(files)?.wish ?? {}, endingFacts(device), { files: files.map(({ path }) => path) }])),
    /** What putting these files back ends; undefined = nothing. `now`: by `readNow`. Pure. */
    disruptsBack: (files: Files, now: SeenFiles): string | undefined => {
      if (has(files, UNIT_FILE) && isGone(files, UNIT_FILE)) return withoutKeeper(name, now)
      return has(files, WATCHDOG_FILE) && isGone(files, WATCHDOG_FILE) ? withoutDog(name, now) : undefined
    },
    /** The own time of what they belong to, seconds. Pure. */
    leastSeconds: (files: Files): number => setOf(files)?.confirmWithinSeconds ?? 0,
    /** What does not stand after they were put back; [] = confirm. Pure. */
    worseBack: (_files: Files, _now: SeenFiles, _then: SeenFiles): readonly string[] => [],
  }
}

const pathsOf = ({ name }: FileSet): readonly string[] => (name === 'watchdog' ? [WATCHDOG_FILE] : KEEPER_FILES)

/** No line of the program says anything to people. */
const withoutText = (file: Files[number]): Files[number] => (file.path === PROGRAM ? { ...file, opaque: true } : file)

const has = (files: Files, path: string): boolean => files.some((file) => file.path === path)

/** It was not there before. */
const isGone = (files: Files, path: string): boolean =>
  files.some((file) => file.path === path && file.text === undefined)
