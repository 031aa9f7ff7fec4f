// The page of `orion bgp show PEER`: one session in full, with what was refused of its routes and why.
import { colourOf, type LimitLine, nameOf, type PageLines, type PeerLine, renderRemarks, stateOf } from './bgp-table.ts'
import { getPaint, type Look } from './paint.ts'
import { clean, count, getWidth, indent, pad } from './text.ts'

export interface DetailLines {
  readonly localAddress?: string
  readonly routerId?: string
  readonly holdTimer?: string
  readonly bfd?: string
  readonly capabilities: { readonly local: readonly string[]; readonly neighbor: readonly string[] }
  readonly refused: readonly {
    readonly text: string
    readonly routes: number
    readonly networks: readonly string[]
  }[]
}

export interface DetailedPeer extends PeerLine {
  readonly details?: DetailLines
}

/** Pure. Ends without a line feed. */
export function renderSession(
  page: Pick<PageLines, 'router' | 'daemon' | 'version'>,
  peer: DetailedPeer,
  look: Look,
): string {
  const paint = getPaint(look)
  const rows = [...rowsOf(page, peer), ...detailsOf(peer)].filter(([, value]) => value !== '')
  const column = Math.max(...rows.map(([label]) => getWidth(label)))
  const lines = rows.flatMap(([label, value]) => indent(value, `  ${pad(label, column)}  `, look.width))
  const colour = colourOf(peer)
  const title = `${paint.bold(clean(peer.name))}  ${paint[colour](clean(stateOf(peer)))}${peer.since ? paint.dim(`  since ${clean(peer.since)}`) : ''}`
  const remarks = renderRemarks(page, peer, look)
  return [title, ...lines, ...renderRefused(peer, look), ...(remarks.length === 0 ? [] : ['', ...remarks])].join('\n')
}

type Row = readonly [label: string, value: string]

function rowsOf(page: Pick<PageLines, 'router' | 'daemon' | 'version'>, peer: PeerLine): readonly Row[] {
  const { router, version } = page
  const { asn, address, relation, routes } = peer
  return [
    ['peer', `AS ${asn}, ${address}, ${relation}`],
    ['router', version === undefined ? router : `${router}, ${nameOf(page)} ${version}`],
    ...(routes === undefined
      ? []
      : ([
          [
            'routes',
            `${routes.received} received, ${routes.filtered} filtered, ${routes.accepted} accepted, ${routes.exported} exported`,
          ],
        ] as const)),
    ['limits', peer.limits.map(getLimit).join('; ')],
  ]
}

function getLimit({ kind, limit, action, hit }: LimitLine): string {
  return `${kind} ${limit}${action === undefined ? '' : ` (${action})`}${hit ? ', reached' : ''}`
}

function detailsOf({ details }: DetailedPeer): readonly Row[] {
  if (details === undefined) return []
  const { localAddress = '', routerId = '', holdTimer = '', bfd = '', capabilities } = details
  return [
    ['our address', localAddress],
    ['its router ID', routerId],
    ['hold timer', holdTimer === '' ? '' : `${holdTimer} s`],
    ['bfd', bfd],
    ['we can', capabilities.local.join(', ')],
    ['it can', capabilities.neighbor.join(', ')],
  ]
}

function renderRefused({ details, routes }: DetailedPeer, look: Look): string[] {
  if (details === undefined || routes === undefined) return []
  const { refused } = details
  if (refused.length === 0) return routes.filtered === 0 ? ['', 'No route of it was refused.'] : []
  const widest = Math.max(...refused.map((one) => String(one.routes).length))
  const lines = refused.flatMap(({ text, routes: number, networks }) => {
    const more = number > networks.length ? ', …' : ''
    const examples = networks.length === 0 ? '' : ` (${networks.join(', ')}${more})`
    return indent(`${text}${examples}`, `  ${String(number).padStart(widest)}  `, look.width)
  })
  const sum = refused.reduce((all, one) => all + one.routes, 0)
  return ['', getPaint(look).bold(`${count(sum, 'route')} refused, because`), ...lines]
}
