// A full mesh of 200 gateways: what its plan takes, and what one more gateway touches; beside the way of wg-meshconf, modelled.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../real/program.ts'
import { gatewayName } from './large-mesh.ts'
import type { Figure } from './measure.ts'
import type { Told } from './mesh-planning.ts'

const GATEWAYS = 200
const MOST_S = 5
const MOST_MB = 500
const PLANNER = fileURLToPath(new URL('mesh-planning.ts', import.meta.url))

/** Errors: where planning fails, there is nothing to measure. */
export async function largestMesh(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'orion-bench-'))
  try {
    const { code, stdout, stderr } = await run(process.execPath, ['--import', 'tsx', PLANNER, `${GATEWAYS}`, folder])
    if (code !== 0) throw new Error(`planning the mesh ended with ${code}: ${stderr.slice(-2000)}`)
    return figures(JSON.parse(stdout) as Told)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function figures({ ms, peakMb, links, touched }: Told): Figure[] {
  const what = `${GATEWAYS} gateways, ${links} links`
  const more = 'one more gateway'
  const link = touched['/etc/orion/mesh/links/*.conf'] ?? { made: 0, changed: 0 }
  const rest = Object.entries(touched).filter(([kind]) => !kind.includes('/links/'))
  const sum = (pick: 'made' | 'changed') => rest.reduce((all, [, row]) => all + row[pick], 0)
  const other = meshconf()
  return [
    { name: `${what}: plan where nothing is there`, value: ms.nothing / 1000, unit: 's', most: MOST_S },
    {
      name: `${what}: plan where everything is there (what the hosts do included)`,
      value: ms.everything / 1000,
      unit: 's',
      most: MOST_S,
    },
    { name: `${what}: peak memory of planning where nothing is there`, value: peakMb, unit: 'MB', most: MOST_MB },
    { name: `${more}: links of others that change`, value: link.changed, unit: '', most: 0 },
    { name: `${more}: link files made on those that are there`, value: link.made, unit: '', most: GATEWAYS },
    { name: `${more}: other files made there (its identity)`, value: sum('made'), unit: '' },
    { name: `${more}: other files that gain lines (routing, firewall)`, value: sum('changed'), unit: '' },
    { name: `${more}, wg-meshconf's way (modelled): configurations rewritten`, value: other.rewritten, unit: '' },
    { name: `${more}, wg-meshconf's way (modelled): tunnels in those files`, value: other.tunnels, unit: '' },
    { name: `${more}, wg-meshconf's way (modelled): private keys in its one file`, value: other.keys, unit: '' },
  ]
}

const key = (text: string): string => createHash('sha256').update(text).digest('base64')

interface Generated {
  /** Every peer with its private key. */
  readonly database: string
  readonly files: ReadonlyMap<string, string>
}

/** As wg-meshconf does: one table with all private keys, and from it, per host, one interface with all others as its peers. */
function generate(count: number): Generated {
  const names = Array.from({ length: count }, (_, at) => gatewayName(at + 1))
  const rows = names.map((name) => `${name},${name}.large.example,51820,${key(`private ${name}`)}`)
  const peerOf = (name: string) => `[Peer]\nPublicKey = ${key(name)}\nEndpoint = ${name}.large.example:51820\n`
  const peers = new Map(names.map((name) => [name, peerOf(name)]))
  const files = names.map((own) => {
    const others = names.filter((name) => name !== own).map((name) => peers.get(name))
    return [own, `[Interface]\nPrivateKey = ${key(`private ${own}`)}\nListenPort = 51820\n${others.join('')}`] as const
  })
  return { database: rows.join('\n'), files: new Map(files) }
}

function meshconf() {
  const [before, after] = [generate(GATEWAYS), generate(GATEWAYS + 1)]
  const rewritten = [...before.files].filter(([name, text]) => after.files.get(name) !== text)
  const tunnels = rewritten.reduce((all, [, text]) => all + (text.match(/^\[Peer\]/gm)?.length ?? 0), 0)
  return { rewritten: rewritten.length, tunnels, keys: after.database.split('\n').length }
}
