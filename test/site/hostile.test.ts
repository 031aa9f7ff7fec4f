// No value of the site file becomes configuration of its own on a host: it is refused, or it arrives as it stands.
import assert from 'node:assert/strict'
import { SiteError } from '../../src/site/site-error.ts'
import { parse } from './site-text.ts'

type Json = Record<string, unknown>

/** A site with a value at each of the keys; `at` puts another one there. JSON is YAML too. */
function fileWith(path: readonly string[], value: unknown): string {
  const file: Json = {
    site: 'test',
    nodes: {
      n1: {
        address: '10.0.0.2',
        ports: { lan: 'bond0' },
        addresses: { lan: ['10.0.0.3', 'fd00::3'] },
        bonds: { bond0: { ports: ['eno1', 'eno2'], mode: 'active-backup' } },
      },
    },
    networks: { lan: { bridge: 'vmbr0', ipv4: '10.0.0.0/24', ipv6: 'fd00::/64' } },
  }
  let place = file
  for (const key of path.slice(0, -1)) {
    place[key] ??= {}
    place = place[key] as Json
  }
  place[path.at(-1) ?? ''] = value
  return JSON.stringify(file)
}

const BREAKS = [
  '\n',
  '\r',
  '\r\nauto evil0',
  '\n\n[Service]\nExecStart=/bin/false',
  '\0',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u001b[2J',
]
const SIGNS = [
  '$(reboot)',
  '`reboot`',
  '$HOME',
  ';reboot',
  '#x',
  '"',
  "'",
  '\\',
  '|x',
  '&x',
  '>x',
  '<x',
  '*',
  '?',
  '%i',
  ' x',
  '\t',
  '!',
  '{}',
  '=x',
  '\u00a0',
  '~',
]

async function refused(path: readonly string[], value: unknown): Promise<void> {
  await assert.rejects(parse(fileWith(path, value)), (error) => {
    assert.ok(error instanceof SiteError)
    assert.ok(
      error.findings.some((finding) => finding.severity === 'error' && String(finding.path).startsWith(path[0] ?? '')),
    )
    return true
  })
}

const node = ['nodes', 'n1']
/** Path, and the value that is good; `[name]` stands for a key that is a name. */
const STRICT: readonly (readonly [readonly string[], string, ((text: string) => unknown)?])[] = [
  [['site'], 'test'],
  [['domain'], 'example.net'],
  [['timezone'], 'Europe/Vienna'],
  [['nodes'], 'n2', (name) => ({ [name]: { address: '10.0.0.2' } })],
  [
    ['networks'],
    'dmz',
    (name) => ({ [name]: { bridge: 'vmbr1' }, lan: { bridge: 'vmbr0', ipv4: '10.0.0.0/24', ipv6: 'fd00::/64' } }),
  ],
  [['networks', 'lan', 'bridge'], 'vmbr0'],
  [['networks', 'lan', 'ipv4'], '10.0.0.0/24'],
  [['networks', 'lan', 'ipv6'], 'fd00::/64'],
  [['networks', 'lan', 'gateway'], '10.0.0.1'],
  [['networks', 'lan', 'gateway6'], 'fd00::1'],
  [[...node, 'address'], '10.0.0.2'],
  [[...node, 'address'], 'pve.example.net'],
  [[...node, 'gateway'], '10.0.0.1'],
  [[...node, 'gateway6'], 'fd00::1'],
  [[...node, 'bmc'], '10.0.0.9'],
  [[...node, 'ports', 'lan'], 'bond0'],
  [[...node, 'ports', 'lan'], 'bond0.20'],
  [[...node, 'ports'], 'lan', (name) => ({ [name]: 'bond0' })],
  [[...node, 'addresses', 'lan'], '10.0.0.3'],
  [[...node, 'addresses', 'lan'], 'fd00::3', (address) => ['10.0.0.3', address]],
  [[...node, 'bonds'], 'bond0', (name) => ({ [name]: { ports: 'eno1', mode: 'active-backup' } })],
  [[...node, 'bonds', 'bond0', 'ports'], 'eno3', (port) => ['eno1', port]],
  [[...node, 'bonds', 'bond0', 'mode'], 'active-backup'],
  [[...node, 'bonds', 'bond0', 'primary'], 'eno1'],
  [[...node, 'sources'], 'no-subscription'],
  [[...node, 'packages'], 'htop', (name) => ['tmux', name]],
  [[...node, 'sysctl'], 'vm.swappiness', (name) => ({ [name]: 1 })],
  [[...node, 'swap'], '/dev/sdb2', (device) => ({ device })],
  [[...node, 'swap'], '/var/swap', (file) => ({ file, size: '1G' })],
  [[...node, 'ssh', 'user'], 'admin'],
  [[...node, 'ssh', 'proxyJump'], 'me@gate:22'],
  [[...node, 'ssh', 'alsoAt'], '10.0.0.8', (address) => [address]],
  [['defaults', 'node', 'packages'], 'htop'],
  [['defaults', 'node', 'sysctl'], 'vm.swappiness', (name) => ({ [name]: 1 })],
  [['defaults', 'node', 'ssh', 'user'], 'admin'],
  [['defaults', 'guest', 'ssh', 'user'], 'admin'],
]

const NUMBERS = [
  ['networks', 'lan', 'mtu'],
  ['networks', 'lan', 'vlan'],
  [...node, 'bonds', 'bond0', 'mtu'],
  [...node, 'zram', 'priority'],
  [...node, 'ssh', 'port'],
  [...node, 'pinPorts'],
  ['networks', 'lan', 'vlanAware'],
]

describe('site: hostile values', () => {
  for (const [path, good, wrap = (text: string): unknown => text] of STRICT)
    it(`${path.join('.')}: ${good}`, async () => {
      await parse(fileWith(path, wrap(good)))
      for (const evil of [...BREAKS, ...SIGNS])
        for (const text of [good + evil, evil + good, `${good.slice(0, 2)}${evil}${good.slice(2)}`])
          await refused(path, wrap(text))
      for (const other of ['', '-x', '..', '../../etc/passwd', [], {}, null]) {
        const value = typeof other === 'string' ? wrap(other) : other
        // No entries at all is fine where names are keys.
        if (JSON.stringify(other) !== '{}' || typeof wrap(good) === 'string') await refused(path, value)
      }
    })

  for (const path of NUMBERS)
    it(path.join('.'), async () => {
      for (const text of ['1500\n', '1500 1', '1500', '-1', '$(reboot)', '', [], {}]) await refused(path, text)
    })

  it('a kernel setting’s value arrives as it stands, or is refused', async () => {
    const path = [...node, 'sysctl', 'kernel.core_pattern']
    for (const evil of SIGNS.filter((sign) => sign.trim() === sign)) {
      const { nodes } = await parse(fileWith(path, `a${evil}`))
      assert.equal(nodes[0]?.sysctl['kernel.core_pattern'], `a${evil}`)
    }
    for (const evil of [...BREAKS, '\t', ' ']) await refused(path, `a${evil}`)
    for (const evil of BREAKS) await refused(path, `a${evil}b`)
  })

  it('the path of a key arrives as it stands, or is refused', async () => {
    const path = [...node, 'ssh', 'identityFile']
    for (const evil of SIGNS.filter((sign) => sign !== '\t')) {
      const { nodes } = await parse(fileWith(path, `~/a${evil}`))
      assert.equal(nodes[0]?.ssh.identityFile, `~/a${evil}`)
    }
    for (const evil of [...BREAKS, '\t']) await refused(path, `~/a${evil}b`)
  })
})
