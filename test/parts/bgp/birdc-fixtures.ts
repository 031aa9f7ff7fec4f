// What birdc of three versions printed: recorded once, of routers with a peer for each way in which a session can end.
import { readFileSync } from 'node:fs'
import { sessionFacts } from '../../../src/parts/bgp/sessions.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Bgp } from '../../../src/site/services.ts'

export const RECORDED = ['2.0.12', '2.17.5', '3.1.7'] as const

type Output = 'status' | 'protocols' | 'bfd' | 'export' | 'count' | 'filtered' | 'drained'

export const recorded = (version: (typeof RECORDED)[number], output: Output): string =>
  readFileSync(new URL(`../../fixtures/birdc/${version}/${output}.txt`, import.meta.url), 'utf8')

/** As `Host.read` has it. */
export const saying = (stdout: string, code = 0) => ({ code, stdout, stderr: '' })

/** A router with these protocols, whose every question about an export is answered with `sent`; by default as recorded. */
export function sessionsSaid(
  bgp: Bgp,
  version: (typeof RECORDED)[number],
  protocols: string,
  sent = saying(recorded(version, 'export')),
): HostFacts {
  const names = Object.keys(sessionFacts(bgp).commands ?? {})
  const rows = names.map((name) => [name, name === 'bird-protocols' ? saying(protocols) : sent] as const)
  return { files: new Map(), commands: new Map(rows) }
}
