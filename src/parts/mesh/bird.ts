// The mesh's BIRD on a gateway: its files, checked by the BIRD that is there, in force without a session lost, proved by the sessions.
import { template } from '../../render.ts'
import type { Difference } from '../../resource.ts'
import type { FileSet } from '../../resources/file-set.ts'
import { type Facts, type HostFacts, said, wishOf } from '../../resources/host-facts.ts'
import type { Site } from '../../site/site.ts'
import { ADDED, birdVersion, has, VERSION_FACTS } from '../bgp/bird-version.ts'
import { activateInstance } from '../bgp/birdc-activation.ts'
import { birdConf } from './bird-conf.ts'
import { MESH_BIRD } from './bird-names.ts'
import { proveSessions, SESSION_FACTS, sessionDisruption } from './bird-sessions.ts'
import { DRAIN_FILE, drainFile } from './drain.ts'
import { MESH_DIR } from './link-paths.ts'
import type { Gateway } from './model.ts'
import { WEIGHT_FILE, weightFile, weightOf } from './weight.ts'

const { conf, unit } = MESH_BIRD
const UNIT_PATH = `/etc/systemd/system/${unit}`
const INSTANCE = { name: 'orion-mesh-bird', ...MESH_BIRD }

const ACTIVE = 'mesh-bird-active'
const ENABLED = 'mesh-bird-enabled'

/** Interfaces whose pair of keys changes now: the old one is kept until the new one stands. Names alone; no key is read. */
const OPEN_PAIRS = 'mesh-open-pairs'
const LIST_PAIRS = `for file in ${MESH_DIR}/keys/*.key.old; do
  [ ! -e "$file" ] || basename "$file" .key.old
done`

/** What `reloadMeshBird` must know of the host as it was before. */
export const MESH_BIRD_FACTS: Facts = { commands: { [ACTIVE]: ['systemctl', 'is-active', unit] } }

/**
 * Program for `sh -c`. Arguments: the unit, its file, and `again` where it must start anew. Without its file it stops, and is
 * forgotten; with it, it runs and starts with the host, also where the file is back because its removal did not stand.
 */
const STAND = `unit=$1 file=$2 again=$3
if [ ! -e "$file" ]; then
  systemctl stop "$unit" 2>/dev/null
  rm -f "/etc/systemd/system/multi-user.target.wants/$unit"
  systemctl daemon-reload
  exit
fi
systemctl daemon-reload && systemctl --quiet enable "$unit" || exit
if [ "$again" = again ]; then systemctl restart "$unit"; else systemctl start "$unit"; fi`

const unitText = template<{ readonly conf: string; readonly socket: string }>('mesh/bird-unit')

/** Nothing of a gateway without links. */
export function meshBirdFacts(_: Site, { links }: Pick<Gateway, 'links'>): Facts {
  if (links.length === 0) return {}
  const enabled = { commands: { [ENABLED]: ['systemctl', 'is-enabled', unit] } }
  const pairs = { commands: { [OPEN_PAIRS]: ['sh', '-c', LIST_PAIRS, 'orion-mesh-open-pairs'] } }
  const files = [conf, DRAIN_FILE, WEIGHT_FILE, UNIT_PATH]
  return wishOf([{ files }, VERSION_FACTS, MESH_BIRD_FACTS, enabled, pairs, SESSION_FACTS])
}

/** With static routes there is none: what was left of it goes. Nothing at all of a gateway without links, which only clients dial. */
export function meshBird(site: Site, gateway: Gateway, wish: FileSet['wish']): FileSet | undefined {
  if (gateway.links.length === 0) return undefined
  const isBgp = site.mesh?.routing === 'bgp'
  const files = isBgp ? (seen: HostFacts) => filesOf(site, gateway, seen) : () => NO_FILES
  const common = { host: gateway.name, name: 'mesh-bird', title: `routes of the mesh on ${gateway.name}`, wish, files }
  const own = { ...common, owned: true, disrupts: (seen: HostFacts) => sessionDisruption(seen, files(seen)) } as const
  if (!isBgp) return { ...own, activate: [stand('as before')] }
  return {
    ...own,
    // Whether the kernel's table is free, the links say, which come first.
    problems: tooOld,
    drift: standing,
    // Undoing the very first change leaves no file to check.
    check: [['sh', '-c', '[ ! -e "$1" ] || bird -p -c "$1"', 'orion-mesh-bird-check', conf]],
    activate: (before) => [
      ['systemctl', 'daemon-reload'],
      ...reloadMeshBird(before),
      stand(isOtherUnit(before) ? 'again' : 'as before'),
    ],
    prove: proveSessions,
  }
}

/** What puts changed files of the mesh's BIRD in force, and old ones again. `before`: with MESH_BIRD_FACTS. Pure. */
export function reloadMeshBird(before: HostFacts): ReturnType<typeof activateInstance> {
  return activateInstance(INSTANCE, wasActive(before))
}

const NO_FILES: ReturnType<FileSet['files']> = [conf, DRAIN_FILE, WEIGHT_FILE, UNIT_PATH].map((path) => ({
  path,
  text: undefined,
}))

function filesOf(site: Site, gateway: Gateway, seen: HostFacts): ReturnType<FileSet['files']> {
  const open = (said(seen, OPEN_PAIRS) ?? '').split('\n')
  return [
    { path: conf, text: birdConf(site, gateway) },
    { path: DRAIN_FILE, text: drainFile(gateway, seen.files.get(DRAIN_FILE)?.text, open) },
    { path: WEIGHT_FILE, text: weightFile(weightOf(seen.files.get(WEIGHT_FILE)?.text)) },
    { path: UNIT_PATH, text: unitText(MESH_BIRD) },
  ]
}

function stand(how: 'as before' | 'again'): readonly string[] {
  return ['sh', '-c', STAND, 'orion-mesh-bird-unit', unit, UNIT_PATH, how]
}

function wasActive(before: HostFacts): string {
  return before.commands.get(ACTIVE)?.stdout.trim() || 'inactive'
}

/** A running BIRD does not notice that its unit has other words. */
function isOtherUnit({ files }: HostFacts): boolean {
  const have = files.get(UNIT_PATH)?.text
  return have !== undefined && have !== unitText(MESH_BIRD)
}

function tooOld(seen: HostFacts): readonly string[] {
  const version = birdVersion(seen)
  if (version === undefined || has(version, 'orion')) return []
  return [`BIRD ${version.text} is too old: orion needs ${ADDED.orion.join('.')} or newer (Debian 12 and 13 have it)`]
}

/** It was stopped by hand, or ended, or does not start with the host: activating mends it. Nothing before its files are there. */
function standing(seen: HostFacts): readonly Difference[] {
  if (!seen.files.has(UNIT_PATH)) return []
  const wanted = { [ACTIVE]: 'active', [ENABLED]: 'enabled' }
  return Object.entries(wanted).flatMap(([command, want]) => {
    const have = seen.commands.get(command)?.stdout.trim()
    return have && have !== want ? [{ field: unit, have, want }] : []
  })
}
