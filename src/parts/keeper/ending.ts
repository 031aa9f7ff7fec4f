// The end of the Keeper and of a watchdog on a node: where the site file names them no more, and what a node is without them.
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import { type HostFacts, NODE_NAME, wishOf } from '../../resources/host-facts.ts'
import type { Node } from '../../site/site.ts'
import { PROGRAM } from './program.ts'
import { KEEPER_FILES, keeperActivation } from './service.ts'
import { parseStatus } from './status-document.ts'
import { fedDog, WATCHDOG_FILE, watchdogActivation, watchdogHostFacts } from './watchdog.ts'
import { dogName } from './watchdog-owner.ts'

/** Of a site file that names no watchdog any more: the device of the drop-in as it mostly is. */
const DEVICE = '/dev/watchdog'
const STATUS = 'keeper-status'

/** What the Keeper has shed, and who has the watchdog. */
export function endingFacts(device = DEVICE): FileSet['wish'] {
  return wishOf([watchdogHostFacts({ device, timeoutSeconds: 0 }), { commands: { [STATUS]: [PROGRAM, 'status'] } }])
}

/** What the site file does not name (any more) goes, whatever it was told last. */
export function endedSets(
  node: Node,
  ends: { readonly keeper: boolean; readonly watchdog: boolean },
): readonly FileSet[] {
  const { name: host } = node
  const wish = wishOf([NODE_NAME, { files: [...KEEPER_FILES, WATCHDOG_FILE] }, endingFacts()])
  const service: FileSet = {
    ...{ host, name: 'keeper', title: `the Keeper of ${host}`, wish, owned: true },
    files: (seen) => goneOf(KEEPER_FILES, seen),
    disrupts: (seen) => withoutKeeper(host, seen),
    activate: keeperActivation(),
  }
  const dog: FileSet = {
    ...{ host, name: 'watchdog', title: `the watchdog of ${host}`, wish, owned: true },
    files: (seen) => goneOf([WATCHDOG_FILE], seen),
    disrupts: (seen) => withoutDog(host, seen),
    activate: (before) => watchdogActivation(fedDog(before), before.files.get(WATCHDOG_FILE)?.text ?? ''),
  }
  return [...(ends.keeper ? [service] : []), ...(ends.watchdog ? [dog] : [])]
}

/** No line of the program says anything to people. */
function goneOf(paths: readonly string[], seen: HostFacts): readonly WantedFile[] {
  const there = paths.filter((path) => seen.files.has(path))
  return there.map((path) => ({ path, text: undefined, ...(path === PROGRAM ? { opaque: true } : {}) }))
}

/** Nobody would give back what was shed: that has to come first. */
export function withoutKeeper(node: string, now: HostFacts): string {
  const shed = parseStatus(now.commands.get(STATUS)?.stdout)?.shed.map(({ name }) => name) ?? []
  const stays =
    shed.length === 0
      ? ''
      : `; what is shed stays down unless given back first by orion-keeper release: ${shed.join(', ')}`
  return `the Keeper for good (nobody sheds when ${node} is hot${stays})`
}

/** What cannot be stopped is fed on (watchdog.ts). */
export function withoutDog(node: string, now: HostFacts): string {
  const dog = fedDog(now)
  if (dog?.nowayout)
    return `the watchdog for good (at the next restart, as ${dogName(dog)} cannot be stopped before: nowayout)`
  return `the watchdog for good (${node} does not restart by itself when it stands still)`
}
