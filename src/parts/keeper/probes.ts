// The Keeper's probes of a node: it runs and is calm, the disks, the watchdog, the heartbeat. The node is asked once for all.
import { diskHealth } from '../../probes/disk-health.ts'
import { heartbeat } from '../../probes/heartbeat.ts'
import { keeperCalm } from '../../probes/keeper-calm.ts'
import { watchdogFed } from '../../probes/watchdog-fed.ts'
import type { Outside, Probe } from '../../resource.ts'
import type { Keeper } from '../../site/services.ts'
import { type KeeperLook, lookAt } from './status.ts'
import type { KeeperStatus } from './status-document.ts'

/** Alarms that have a probe of their own. */
const OTHERS = new Set(['disk', 'serial'])

export function keeperProbes(keeper: Keeper, node: string): readonly Probe[] {
  const look = async (outside: Outside): Promise<KeeperLook> => {
    const host = await outside.host(node)
    return host.once('keeper-look', () => lookAt(keeper, node, outside))
  }
  return [
    keeperCalm(node, async (outside) => toCalm(await look(outside))),
    diskHealth(node, async (outside) => disksOf(await look(outside))),
    ...(keeper.watchdog ? [watchdogFed(node, async (outside) => (await look(outside)).watchdog)] : []),
    ...(keeper.serial ? [heartbeat(node, async (outside) => (await look(outside)).status?.heartbeat)] : []),
  ]
}

/** One that never looked knows of none. */
const disksOf = ({ status }: KeeperLook) => (status?.lastRun ? status.disks : undefined)

function toCalm({ now, status }: KeeperLook) {
  if (status === undefined) return undefined
  const { running, lastRun, state, shed, alarms } = status
  return {
    ...{ running, state },
    ...(lastRun === 0 ? {} : { ageSeconds: Math.max(0, now - lastRun) }),
    shed: shed.map(({ name }) => name),
    alarms: alarms.filter(({ code }) => !OTHERS.has(code)).map(textOf),
  }
}

const textOf = ({ text }: KeeperStatus['alarms'][number]): string => text
