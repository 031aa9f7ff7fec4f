// The table of `orion net show`: the interfaces of a node as they are, beside what the site file wants.
import { getPaint, type Look } from './paint.ts'
import { type Column, renderTable } from './table.ts'
import { clean, count, indent } from './text.ts'

export interface InterfaceLine {
  readonly name: string
  readonly kind: string
  readonly state: string
  readonly mtu?: number
  readonly ports: readonly string[]
  readonly guests: number
  readonly addresses: readonly string[]
  readonly verdict: '=' | '~' | '+' | '?'
  readonly differs: readonly string[]
}

export interface NodeLines {
  readonly node: string
  readonly interfaces: readonly InterfaceLine[]
  readonly problem?: { readonly message: string; readonly suggestions: readonly string[] }
}

const VERDICTS = { '=': 'green', '~': 'yellow', '+': 'cyan', '?': 'dim' } as const

/** One table per node. Pure. Ends without a line feed. */
export function renderInterfaces(nodes: readonly NodeLines[], look: Look): string {
  return nodes.map((node) => renderNode(node, look).join('\n')).join('\n\n')
}

function renderNode({ node, interfaces, problem }: NodeLines, look: Look): string[] {
  const paint = getPaint(look)
  const head = paint.bold(clean(node))
  if (problem) {
    const tries = problem.suggestions.flatMap((text) => indent(text, '  Try: ', look.width))
    return [
      head,
      ...indent(problem.message, '  ', look.width).map((line) => paint.red(line)),
      ...tries.map((line) => paint.cyan(line)),
    ]
  }
  const table = renderTable(getColumns(interfaces), interfaces.flatMap(spread), look)
  const differing = interfaces.filter(({ differs }) => differs.length > 0)
  const differs = differing.flatMap((line) => indent(`${line.name} ${line.differs.join(', ')}`, '~ ', look.width))
  return [head, table, ...differs.map((line) => paint.yellow(line))]
}

interface Row extends Omit<InterfaceLine, 'verdict'> {
  readonly verdict: InterfaceLine['verdict'] | ''
  readonly address: string
}

/** A further address stands on a line of its own. */
function spread(line: InterfaceLine): Row[] {
  const [first = '-', ...more] = line.addresses
  const rest = { ...line, name: '', kind: '', state: '', ports: [], guests: 0, verdict: '' as const }
  const { mtu: _, ...bare } = rest
  return [{ ...line, address: first }, ...more.map((address) => ({ ...bare, address }))]
}

function getColumns(lines: readonly InterfaceLine[]): readonly Column<Row>[] {
  const colour = ({ verdict }: Row) => (verdict === '' ? undefined : VERDICTS[verdict])
  const holds = lines.some(({ ports, guests }) => ports.length + guests > 0)
  const ports: Column<Row> = { head: 'PORTS', get: getPorts }
  return [
    { head: '', get: ({ verdict }) => verdict, colour },
    { head: 'NAME', get: ({ name }) => name },
    { head: 'KIND', get: ({ kind }) => kind },
    { head: 'STATE', get: ({ state }) => state, colour: getStateColour },
    { head: 'MTU', get: ({ mtu }) => (mtu === undefined ? '' : String(mtu)), right: true },
    ...(holds ? [ports] : []),
    { head: 'ADDRESSES', get: ({ address }) => address },
  ]
}

function getStateColour({ state }: Row): 'green' | 'red' | 'dim' | undefined {
  if (state === '') return undefined
  return state === 'up' ? 'green' : state === 'absent' ? 'dim' : 'red'
}

/** `eno2, 3 guests`. */
function getPorts({ name, ports, guests }: Row): string {
  if (name === '') return ''
  const inside = guests > 0 ? [count(guests, 'guest')] : []
  return [...ports, ...inside].join(', ') || '-'
}
