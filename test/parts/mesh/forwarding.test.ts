// Forwarding for the mesh: only what the host does not have already, and router advertisements that are still heard.
import assert from 'node:assert/strict'
import { meshForwarding, meshForwardingFacts, openedFamilies } from '../../../src/parts/mesh/forwarding.ts'
import { gatewayOf } from '../../../src/parts/mesh/model.ts'
import { type HostFacts, NOTHING, wishOf } from '../../../src/resources/host-facts.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { meshSite, withIpv6 } from './routing-world.ts'

const PATH = '/etc/sysctl.d/90-orion-mesh.conf'
const LIVE = {
  'net.ipv4.ip_forward': '0',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv6.conf.all.forwarding': '0',
  'net.ipv6.conf.eth0/7.accept_ra': '1',
  'net.ipv6.conf.eth1.accept_ra': '0',
}

interface Given {
  readonly live?: Readonly<Record<string, string>>
  readonly file?: string
  /** Interfaces with a default route of a router advertisement. */
  readonly advertised?: readonly string[]
}

function seenOf({ live = {}, file, advertised = [] }: Given): HostFacts {
  const rows = Object.entries({ ...LIVE, ...live }).map(([key, value]) => `${key} = ${value}\n`)
  const routes = advertised.map((dev) => ({ dst: 'default', dev, protocol: 'ra' }))
  const output = (stdout: string) => ({ code: 0, stdout, stderr: '' })
  const rights = { kind: 'file', mode: 0o644, owner: 'root', group: 'root' } as const
  return {
    files: new Map(file === undefined ? [] : [[PATH, { ...rights, text: file }]]),
    commands: new Map([
      ['sysctl', output(rows.join(''))],
      ['mesh-advertised', output(JSON.stringify(routes))],
    ]),
  }
}

async function make(given: Given | undefined, change?: (mesh: Mesh) => Mesh) {
  const site = await meshSite(change)
  const gateway = gatewayOf(site, 'van-1')
  assert.ok(gateway)
  const set = meshForwarding(site, gateway, wishOf([meshForwardingFacts()]))
  assert.ok(set)
  const seen = given === undefined ? NOTHING : seenOf(given)
  const rows = (set.files(seen)[0]?.text ?? '').split('\n').filter((line) => line.includes('='))
  return { rows, opened: openedFamilies(site, gateway, seen), problems: given && set.problems?.(seen) }
}

const [IPV4, IPV6, LOOSE] = [
  'net.ipv4.ip_forward = 1',
  'net.ipv6.conf.all.forwarding = 1',
  'net.ipv4.conf.all.rp_filter = 2',
]
const HEARD = 'net.ipv6.conf.eth0/7.accept_ra = 2'

/** What is there, which settings come, and which families were opened for the mesh alone. */
const ROWS: readonly (readonly [
  string,
  Given | undefined,
  ((mesh: Mesh) => Mesh) | undefined,
  readonly string[],
  readonly number[],
])[] = [
  ['a host that was never seen', undefined, undefined, [IPV4, LOOSE], [4]],
  ['it does not forward', {}, undefined, [IPV4, LOOSE], [4]],
  ['it forwards already', { live: { 'net.ipv4.ip_forward': '1' } }, undefined, [LOOSE], []],
  ['we made it forward', { live: { 'net.ipv4.ip_forward': '1' }, file: `${IPV4}\n` }, undefined, [IPV4, LOOSE], [4]],
  ['both families', {}, withIpv6, [IPV4, IPV6, LOOSE], [4, 6]],
  [
    'IPv6 alone is new',
    { live: { 'net.ipv4.ip_forward': '1' }, advertised: ['eth0.7', 'eth1'] },
    withIpv6,
    [HEARD, IPV6, LOOSE],
    [6],
  ],
  [
    'the router of an advertisement is away for a moment',
    {
      live: { 'net.ipv6.conf.all.forwarding': '1', 'net.ipv6.conf.eth0/7.accept_ra': '2' },
      file: `${HEARD}\n${IPV6}\n`,
    },
    withIpv6,
    [HEARD, IPV4, IPV6, LOOSE],
    [4, 6],
  ],
  [
    'an interface that is gone',
    { file: `net.ipv6.conf.eth9.accept_ra = 2\n${IPV6}\n` },
    withIpv6,
    [IPV4, IPV6, LOOSE],
    [4, 6],
  ],
]

describe('parts/mesh/forwarding', () => {
  for (const [title, given, change, rows, opened] of ROWS)
    it(title, async () => {
      const made = await make(given, change)
      assert.deepEqual({ rows: made.rows, opened: made.opened }, { rows, opened })
      assert.deepEqual(made.problems ?? [], [])
    })

  it('asks for every setting that it makes', () => {
    const { commands } = meshForwardingFacts()
    const pattern = new RegExp(commands?.sysctl?.at(-1) ?? '(?!)')
    for (const key of Object.keys(LIVE)) assert.match(key, pattern)
  })
})
