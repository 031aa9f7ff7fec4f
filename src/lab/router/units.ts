// Units of a router: there by their files, with what the ones do that a router lives by.
import { type HostState, putText, textAt } from '../host/state.ts'
import { BIRD_UNIT, startMeshBird, stopMeshBird } from '../mesh/bird-mesh.ts'
import { LINKS_UNIT, removeTunnels, syncTunnels } from '../mesh/tunnels.ts'
import { startTailscaled } from '../tailscale/daemon.ts'
import { DAEMON } from '../tailscale/tailscale-state.ts'
import type { World } from '../world.ts'
import { startBird } from './bird.ts'
import { checkDnsmasq } from './dnsmasq.ts'
import { loadRules } from './nft.ts'

const FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system'] as const

type Unit = HostState['units'][string]

/** Its file; undefined = there is no such unit. */
export function textOf(host: HostState, unit: string): string | undefined {
  return FOLDERS.map((folder) => textAt(host, `${folder}/${unit}`)).find((text) => text !== undefined)
}

/** What is known of it, made where nothing is. */
export function unitOf(host: HostState, unit: string): Unit {
  const known = host.units[unit] ?? { active: false, enabled: false }
  host.units[unit] = known
  return known
}

/** Starts what is enabled, as after a start of the machine. */
export function startUnits(world: World, host: HostState): void {
  for (const [unit, { enabled }] of Object.entries(host.units))
    if (enabled && textOf(host, unit)) startUnit(world, host, unit)
}

/** What went wrong, as the unit's own program says it; undefined = it runs. */
export function startUnit(world: World, host: HostState, unit: string): string | undefined {
  const wrong = effectOf(world, host, unit)
  const isOver = unit === 'rpki-client.service'
  Object.assign(unitOf(host, unit), { active: wrong === undefined && !isOver, failed: wrong !== undefined })
  world.changed()
  return wrong
}

function effectOf(world: World, host: HostState, unit: string): string | undefined {
  if (unit === 'bird.service') return startBird(world, host)
  if (unit === BIRD_UNIT) return startMeshBird(world, host)
  if (unit === LINKS_UNIT) return syncTunnels(world, host)
  if (unit === DAEMON) return startTailscaled(host)
  if (unit === 'dnsmasq.service') return checkDnsmasq(host)
  // Debian's timer validates soon after it is started; in the lab at once.
  if (/^rpki-client\.(service|timer)$/.test(unit)) putText(host, '/var/lib/rpki-client/json', VALIDATED)
  const loads = /^ExecStart=\S*\/nft -f (\S+)$/m.exec(textOf(host, unit) ?? '')?.[1]
  return loads === undefined ? undefined : loadRules(host, loads)
}

/** The head of what rpki-client writes. */
const VALIDATED =
  '{\n\t"metadata": {\n\t\t"buildmachine": "lab",\n\t\t"vrps": 812345,\n\t\t"uniquevrps": 812345\n\t},\n\t"roas": []\n}\n'

export function stopUnit(host: HostState, unit: string): void {
  Object.assign(unitOf(host, unit), { active: false, failed: false })
  if (unit === BIRD_UNIT) stopMeshBird(host)
  if (unit === LINKS_UNIT) removeTunnels(host)
  if (unit === 'bird.service') delete host.bird
}
