// The processor of a node as its kernel shows it: physical cores with their threads, NUMA nodes, kinds of cores.
import { parseCpuset } from '../../site/rules/cpuset.ts'

/** One physical core that is online. */
export interface Core {
  /** Its logical CPUs that are online, rising: one, or the SMT siblings. */
  readonly cpus: readonly number[]
  /** NUMA node. */
  readonly node: number
  /** Of a hybrid processor its efficient cores; everything else is performance. */
  readonly kind: 'performance' | 'efficiency'
}

/** Every core that is online, by its first CPU. */
export type Topology = readonly Core[]

/**
 * From the lines `cpu NUMBER ONLINE SIBLINGS SOCKET NODE` and `kind core|atom CPUSET` of templates/cores/look.eta. CPUs are
 * numbered as the firmware lists them, siblings next to each other or half of all apart: only SIBLINGS says what is one core.
 */
export function parseTopology(text: string): Topology {
  const atoms = new Set([...text.matchAll(/^kind atom (\S+)$/gm)].flatMap(([, cpus = '']) => parseCpuset(cpus) ?? []))
  const rows = [...text.matchAll(/^cpu (\d+) 1 (\S+) \S+ (-?\d+)$/gm)].map(([, cpu, siblings = '', node]) => ({
    cpu: Number(cpu),
    siblings: parseCpuset(siblings) ?? [],
    node: Math.max(0, Number(node)),
  }))
  const online = new Set(rows.map(({ cpu }) => cpu))
  const cores = new Map<number, Core>()
  for (const { cpu, siblings, node } of rows) {
    const cpus = siblings.includes(cpu) ? siblings.filter((one) => online.has(one)) : [cpu]
    cores.set(cpus[0] ?? cpu, { cpus, node, kind: atoms.has(cpu) ? 'efficiency' : 'performance' })
  }
  return [...cores.values()].sort((a, b) => firstCpu(a) - firstCpu(b))
}

export const firstCpu = ({ cpus }: Core): number => cpus[0] ?? 0

/** Logical CPUs of cores, rising. */
export function cpusOf(cores: Iterable<Core>): readonly number[] {
  return [...cores].flatMap(({ cpus }) => cpus).sort((a, b) => a - b)
}
