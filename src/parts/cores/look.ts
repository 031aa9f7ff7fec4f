// What a node says of its processor, of its running guests' threads and of who is kept off which CPUs.
import { template } from '../../render.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { MARKS } from './paths.ts'
import { parseTopology, type Topology } from './topology.ts'

/** Threads of a running guest that are alike. */
export interface ThreadLook {
  /** Of a virtual CPU its number; undefined = any other thread of QEMU. */
  readonly vcpu?: number
  /** Linux' number: 0 SCHED_OTHER, 1 SCHED_FIFO, 2 SCHED_RR. */
  readonly policy: number
  readonly priority: number
  /** The CPUs that it may run on, a cpuset. */
  readonly cpus: string
}

export interface CoresLook {
  readonly topology: Topology
  /** Stored affinity by VMID, of every VM of the node that has one, ours or not. */
  readonly stored: ReadonlyMap<number, string>
  /** What orion set, by VMID, only to keep a guest off the cores of others. */
  readonly ours: ReadonlyMap<number, string>
  /** By VMID, of those that run. */
  readonly threads: ReadonlyMap<number, readonly ThreadLook[]>
  /** The CPUs that a control group is limited to, '' = not limited; none where there is no such group or no such limit to be had. */
  readonly cgroups: ReadonlyMap<string, string>
}

const LOOK = 'cores'

export const coresLook: Facts = {
  commands: { [LOOK]: ['sh', '-c', template<{ marks: string }>('cores/look')({ marks: MARKS }), 'orion-cores-look'] },
}

const cache = new WeakMap<HostFacts, CoresLook>()

/** undefined where the host did not say. */
export function getLook(seen: HostFacts): CoresLook | undefined {
  const text = said(seen, LOOK)
  if (text === undefined) return undefined
  const look = cache.get(seen) ?? parseLook(text)
  cache.set(seen, look)
  return look
}

/** A line that is none of ours is passed over. Pure. */
export function parseLook(text: string): CoresLook {
  const sets = (kind: string) =>
    new Map(
      [...text.matchAll(new RegExp(`^${kind} (\\d+) (\\S+)$`, 'gm'))].map(([, vmid, cpus = '']) => [
        Number(vmid),
        cpus,
      ]),
    )
  const threads = new Map<number, ThreadLook[]>()
  for (const [, kind, words = ''] of text.matchAll(/^(vcpu|other) (.*)$/gm)) {
    const [vmid, ...facts] = words.split(' ')
    const vcpu = kind === 'vcpu' ? { vcpu: Number(facts.shift()) } : {}
    const [policy, priority, cpus] = facts
    if (cpus === undefined) continue
    const thread = { ...vcpu, policy: Number(policy), priority: Number(priority), cpus }
    threads.set(Number(vmid), [...(threads.get(Number(vmid)) ?? []), thread])
  }
  const groups = [...text.matchAll(/^cgroup (\S+) (\S+)$/gm)]
  return {
    topology: parseTopology(text),
    stored: sets('stored'),
    ours: sets('ours'),
    threads,
    cgroups: new Map(groups.map(([, name = '', cpus = '']) => [name, cpus === '-' ? '' : cpus])),
  }
}
