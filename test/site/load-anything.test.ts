// Whatever a site file holds: it loads, or it is a SiteError.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { loadSite } from '../../src/site/load.ts'
import { SiteError } from '../../src/site/site-error.ts'
import { KEY, parse } from './site-text.ts'

const LAB = { home: '/nowhere', standInKey: KEY }

/** Every key that becomes configuration of a host. */
const HOSTS = `site: hosts
timezone: Europe/Vienna
defaults:
  node: { sources: test, packages: htop, sysctl: { vm.swappiness: 10 }, pinPorts: true, ssh: { user: admin } }
nodes:
  n1:
    address: 10.0.0.2
    gateway: 10.0.0.1
    gateway6: fe80::1
    ports: { lan: bond0, iot: bond0.20 }
    bonds: { bond0: { ports: eno1, mode: active-backup, primary: eno1, mtu: 9000 }, bond1: { ports: [eno2, eno3], mode: 802.3ad, hashPolicy: layer2 } }
    addresses: { lan: fd00::2, iot: 10.0.20.2 }
    ssh: { user: root, port: 22, identityFile: ~/.ssh/id, passphrase: { env: P }, proxyJump: gate, alsoAt: 10.9.0.2 }
    sysctl: { vm.swappiness: 10 }
    swap: { file: /var/swap, size: 8G, priority: 5 }
    zram: { size: 25%, priority: 100 }
    zfs: { arcMax: 8G }
networks:
  lan: { bridge: vmbr0, vlanAware: true, mtu: 9000, ipv4: 10.0.0.0/24, ipv6: fd00::/64 }
  iot: { bridge: vmbr1, mtu: 1500, ipv4: 10.0.20.0/24 }
`

/** Loads, or fails as a site file may: with places that exist, and without a word of JavaScript. */
async function survives(text: string): Promise<void> {
  try {
    await parse(text, LAB)
  } catch (error) {
    assert.ok(error instanceof SiteError, inspect(error))
    const lines = text.split('\n').length
    for (const { line, column, message } of error.findings) {
      assert.ok(line >= 1 && line <= lines && column >= 1, `${line}:${column} of ${lines}`)
      assert.doesNotMatch(message, /undefined|\[object|NaN|Invalid input|TypeError/)
    }
  }
}

describe('load, whatever the file holds', function () {
  this.timeout(120_000) // hundreds of whole files, on machines that have other work
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orion-anything-'))
  })
  after(async () => await rm(folder, { recursive: true, force: true }))

  const original = readFileSync('templates/sites/orion.yaml', 'utf8')
  const pieces = [
    '\n',
    '  ',
    ':',
    ': ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '<<: *a',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!',
    '%',
    '@',
    '\t',
    '~',
    '0',
    '-',
    '999999999999',
    '::',
    '/',
    '\u0000',
    '\u{1F600}',
    'null',
    '{ }',
    '[]',
    '__proto__: 1\n',
    '? ',
  ]
  const edit = fc.record({
    at: fc.nat(original.length),
    drop: fc.nat(30),
    put: fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })),
  })
  it('survives any change of a good file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        await survives(
          edits.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), original),
        )
      }),
      { numRuns: 80 },
    )
  })
  it('has two files to begin with that are good', async () => {
    for (const text of [original, HOSTS]) await parse(text, LAB)
  })
  const files = { ORION: original, 'what hosts get': HOSTS }
  for (const [title, whole] of Object.entries(files))
    it(`survives any value in the place of any other: ${title}`, async () => {
      const values = [
        '1',
        'x',
        '[]',
        '[x]',
        '{}',
        '{ a: 1 }',
        '~',
        'true',
        '-1',
        '1.5',
        '.nan',
        '.inf',
        '""',
        '"\\0"',
        '[[x]]',
        '1e400',
        '0x10',
        '2001-01-01',
        '10.0.0.0/8',
        '10.0.0.1',
        'a-b',
        '100-200',
        'dhcp',
        'constructor',
      ]
      const places = [...whole.matchAll(/: ([^\s{#][^,}\n#]*)/g)].map((match) => ({
        at: match.index + 2,
        length: match[1]?.trimEnd().length ?? 0,
      }))
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...places), fc.constantFrom(...values), async ({ at, length }, value) => {
          await survives(whole.slice(0, at) + value + whole.slice(at + length))
        }),
        { numRuns: 100 },
      )
    })
  it('survives any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...pieces, 'a', 'site', 'nodes', 'guests'), maxLength: 60 }),
        survives,
      ),
      { numRuns: 100 },
    )
  })
  it('survives any bytes', async () => {
    const file = join(folder, 'bytes.yaml')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await writeFile(file, bytes)
        await assert.rejects(loadSite(file), SiteError)
      }),
      { numRuns: 60 },
    )
  })
})
