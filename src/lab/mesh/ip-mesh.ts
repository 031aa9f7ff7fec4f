// What `ip -j` says of the mesh on a simulated host: the rule that leads to its table, that table, its interfaces.
import type { Machine } from '../host/machine.ts'
import { ribsOf } from './bgp-mesh.ts'
import { wayOf } from './ways.ts'

type Row = Readonly<Record<string, unknown>>

/** Of the mesh: its table, the preference of the rule that leads there, and the link group of its interfaces. */
export const TABLE = '5180'

/** `ip rule` */
export function ruleRows({ host }: Machine): Row[] {
  const own = host.mesh?.rules ? [{ priority: Number(TABLE), src: 'all', table: TABLE }] : []
  return [
    { priority: 0, src: 'all', table: 'local' },
    ...own,
    { priority: 32766, src: 'all', table: 'main' },
    { priority: 32767, src: 'all', table: 'default' },
  ]
}

/** `ip route show table N`; undefined where another table is asked for. */
export function tableRows(machine: Machine, words: readonly string[], six: boolean): Row[] | undefined {
  const at = words.indexOf('table')
  if (at < 0) return undefined
  if (words[at + 1] !== TABLE) return []
  const { mesh } = machine.host
  const learned = [...(ribsOf(machine.all()).get(machine.node) ?? [])].map(([dst, path]) => ({
    dst,
    dev: path.interface,
    protocol: 'bird',
  }))
  const written = Object.entries(mesh?.routes ?? {}).map(([dst, dev]) => ({ dst, dev, protocol: '86' }))
  return [...written, ...learned]
    .filter(({ dst }) => dst.includes(':') === six)
    .map((row) => ({ ...row, dst: row.dst.replace(/\/(32|128)$/, ''), flags: [] }))
}

/** `ip route get ADDRESS` where the mesh leads there. */
export function meshRouteTo(machine: Machine, address: string): Row | undefined {
  const dev = machine.host.mesh === undefined ? undefined : wayOf(machine, address)
  return dev === undefined ? undefined : { dst: address, dev, table: TABLE, flags: [], uid: 0, cache: [] }
}
