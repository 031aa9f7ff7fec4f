// Processors of a simulated node, and where the threads of its running guests are: told by the guest, by orion-cores, or nobody.
import { type HostState, textAt } from '../host/state.ts'
import { hostOf } from '../network.ts'
import type { GuestState, World } from '../world.ts'

/** Numbers of the kernel: 0 other, 1 FIFO. */
export interface Thread {
  readonly policy: 0 | 1
  readonly priority: number
  /** Cpuset. */
  readonly cpus: string
}

export interface GuestThreads {
  readonly vcpus: readonly Thread[]
  readonly other: Thread
}

export const CONFIG = '/etc/orion/cores.conf'
const HOOK = /:snippets\/orion-cores\.sh$/

/** Two threads on each core, n and n + half, in one socket. */
export function siblingsOf(threads: number, cpu: number): string {
  const half = threads / 2
  return threads % 2 === 1 ? `${cpu}` : `${cpu % half},${(cpu % half) + half}`
}

/** Words of the line of a guest in orion's file; undefined = it has none. */
function lineOf(host: HostState, vmid: number): string[] | undefined {
  const found = new RegExp(`^guest ${vmid} (.*)$`, 'm').exec(textAt(host, CONFIG) ?? '')?.[1]
  return found?.split(' ')
}

/** Does orion's file say something of the guest? */
export function hasLine(host: HostState, vmid: number): boolean {
  return lineOf(host, vmid) !== undefined
}

/** As `orion-cores set` leaves them. */
export function placedThreads(world: World, guest: GuestState): GuestThreads {
  const [cpus, kind, others = '', ...own] = lineOf(hostOf(world.state, guest.node), guest.vmid) ?? []
  if (cpus === undefined) return everywhere(world, guest, undefined)
  if (kind !== 'fifo') return everywhere(world, guest, cpus)
  const plain = (where: string): Thread => ({ policy: 0, priority: 0, cpus: where })
  const vcpus = Array.from({ length: vcpusOf(guest) }, (_, at): Thread => {
    const where = own[at]
    return where === undefined ? plain(others) : { policy: 1, priority: 1, cpus: where }
  })
  return { vcpus, other: plain(others) }
}

/** As they are after a start: where its affinity says, and as the hookscript of orion puts them. */
export function startedThreads(world: World, guest: GuestState): GuestThreads {
  const { affinity, hookscript } = guest.config
  if (HOOK.test(String(hookscript ?? '')) && lineOf(hostOf(world.state, guest.node), guest.vmid) !== undefined)
    return placedThreads(world, guest)
  return everywhere(world, guest, affinity === undefined ? undefined : String(affinity))
}

function everywhere(world: World, guest: GuestState, where: string | undefined): GuestThreads {
  const threads = world.state.hardware.nodes.find(({ name }) => name === guest.node)?.threads ?? 1
  const other: Thread = { policy: 0, priority: 0, cpus: where ?? `0-${threads - 1}` }
  return { vcpus: Array.from({ length: vcpusOf(guest) }, () => other), other }
}

const vcpusOf = ({ config }: GuestState): number =>
  Number(config.vcpus ?? Number(config.cores ?? 1) * Number(config.sockets ?? 1))
