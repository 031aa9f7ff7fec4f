// What `orion-node-look` says on a simulated node: its clock, kernel, pools and staged network, and the votes of its cluster.
import { isDown } from '../device/reboot.ts'
import { hostOf } from '../network.ts'
import { INTERFACES_NEW } from './interfaces-file.ts'
import { type Machine, ok, type Program } from './machine.ts'
import { textAt } from './state.ts'

const REQUIRED = '/run/reboot-required'

export const nodeLook: Program = (machine) => {
  const { host, world, node } = machine
  const seconds = Math.floor(world.now() / 1000)
  const zfs = (world.state.hardware.nodes.find(({ name }) => name === node)?.root ?? 'zfs') === 'zfs'
  const pools = Object.entries(host.pools ?? (zfs ? { rpool: 'ONLINE' } : {}))
  const packages = (textAt(host, `${REQUIRED}.pkgs`) ?? '').trim().split('\n').join(' ')
  const lines = [
    `clock ${host.units.chrony?.active === false ? 'no' : 'yes'}`,
    ...(host.files[REQUIRED] ? [`restart ${seconds} ${packages}`] : []),
    ...(host.files[INTERFACES_NEW] ? [`staged ${seconds}`] : []),
    ...pools.map(([name, health]) => `pool ${name} ${health}`),
    ...clusterLines(machine),
    'end',
  ]
  return ok(`${lines.join('\n')}\n`)
}

/** A node alone is no cluster. */
function clusterLines({ world }: Machine): readonly string[] {
  const { nodes } = world.state.hardware
  if (nodes.length < 2) return []
  const up = nodes.filter(({ name }) => !isDown(hostOf(world.state, name)))
  const needed = Math.floor(nodes.length / 2) + 1
  return [
    `votes expected ${nodes.length}`,
    `votes total ${up.length}`,
    `votes needed ${needed}`,
    `votes quorate ${up.length >= needed ? 'Yes' : 'No'}`,
    ...nodes.map((one) => `ha lrm ${one.name} (${up.includes(one) ? 'idle' : 'old timestamp - dead?'})`),
  ]
}
