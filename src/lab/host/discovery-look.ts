// orion-discovery-look on a simulated node: its ports, memory and ZFS pools, one fact on each line.
import { liveNetwork } from './guest-ports.ts'
import { type Machine, ok, type Program } from './machine.ts'
import { memoryMib } from './swap-programs.ts'

const DRIVER = 'igb'
const SPEED = 1000

/** A port that is down tells neither cable nor speed. */
function portLines({ host, world, node }: Machine): readonly string[] {
  const { links } = liveNetwork(world.state, node, host)
  return Object.keys(host.ports).map((name) => {
    const isUp = links.get(name)?.up === true
    return `nic ${name} ${isUp ? SPEED : '-'} ${isUp ? 1 : '-'} ${DRIVER}`
  })
}

/** The pools that its storages name. */
function poolLines({ world }: Machine): readonly string[] {
  const pools = Object.values(world.state.storage).flatMap(({ type, options, totalBytes }) =>
    type === 'zfspool' ? [[String(options.pool ?? '').split('/')[0] ?? '', totalBytes] as const] : [],
  )
  return [...new Map(pools)].map(([name, bytes]) => `zpool ${name} ${bytes} ${bytes}`)
}

export const discoveryLook: Program = (machine) =>
  ok(
    [
      ...portLines(machine),
      'model simulated by the lab',
      `memory ${memoryMib(machine) * 1024}`,
      ...poolLines(machine),
      'end',
      '',
    ].join('\n'),
  )
