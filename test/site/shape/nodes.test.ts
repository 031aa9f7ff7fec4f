// Nodes: their own words over those of `defaults.node`.
import assert from 'node:assert/strict'
import { findingsOf, parse, siteText } from '../site-text.ts'

const DEFAULTS = `defaults:
  guest: { storage: disks, memory: 1G, disk: 8G, image: vm, ssh: { user: guest } }
  node:
    ssh: { user: admin, port: 2222 }
    pinPorts: true
    sources: no-subscription
    packages: [htop, tmux]
    sysctl: { vm.swappiness: 10, net/ipv4/ip_forward: "1" }`

describe('shape/nodes', () => {
  it('takes a whole key from defaults.node where the node has none', async () => {
    const { nodes, guests } = await parse(
      siteText({
        defaults: DEFAULTS,
        nodes: `nodes:
  n1: { address: 10.0.0.2 }
  n2:
    address: 10.0.0.3
    ssh: { identityFile: ~/.ssh/id, passphrase: { env: P }, alsoAt: [10.9.0.3, 10.9.0.3] }
    pinPorts: false
    sources: enterprise
    packages: vim
    sysctl: {}
    swap: [{ device: /dev/sdb2, priority: 5 }, { file: /var/swap, size: 8G }]`,
        guests: 'guests: { a: { id: 100, node: n1 } }',
      }),
    )
    const settings = nodes.map(({ ssh, pinPorts, sources, packages, sysctl, swap }) => ({
      ssh,
      pinPorts,
      sources,
      packages,
      sysctl,
      swap,
    }))
    assert.deepEqual(settings, [
      {
        ssh: { user: 'admin', port: 2222, alsoAt: [] },
        pinPorts: true,
        sources: 'no-subscription',
        packages: ['htop', 'tmux'],
        sysctl: { 'vm.swappiness': '10', 'net.ipv4.ip_forward': '1' },
        swap: [],
      },
      {
        ssh: { identityFile: '~/.ssh/id', passphrase: { env: 'P' }, alsoAt: ['10.9.0.3'] },
        pinPorts: false,
        sources: 'enterprise',
        packages: ['vim'],
        sysctl: {},
        swap: [
          { device: '/dev/sdb2', priority: 5 },
          { file: '/var/swap', sizeMib: 8192 },
        ],
      },
    ])
    assert.deepEqual(guests[0]?.ssh, { user: 'guest', alsoAt: [] })
  })

  it('keeps the main address among the others, once', async () => {
    const addressesOf = async (rest: string) =>
      (await parse(siteText({ nodes: `nodes: { n1: { ${rest} } }` }))).nodes[0]?.addresses
    assert.deepEqual(await addressesOf('address: 10.0.0.2'), { lan: ['10.0.0.2'] })
    assert.deepEqual(await addressesOf('address: 10.0.0.2, addresses: { lan: [10.0.0.3, 10.0.0.2] }'), {
      lan: ['10.0.0.3', '10.0.0.2'],
    })
    assert.deepEqual(await addressesOf('address: 10.0.0.2, addresses: { lan: 10.0.0.3 }'), {
      lan: ['10.0.0.2', '10.0.0.3'],
    })
    assert.deepEqual(await addressesOf('address: 192.0.2.2'), {})
    assert.deepEqual(await addressesOf('address: pve.example.net'), {})
  })

  it('tells all mistakes at once, each at its place', async () => {
    const nodes = `nodes:
  n1:
    address: 10.0.0.2
    gateway6: 10.0.0.1
    ports: { lan: eno1.5000 }
    bonds: { team0: { ports: eno1, mode: active-backup }, bond0: { ports: [], mod: lacp } }
    ssh: { passphrase: hunter2, user: "a b", identityFiles: a }
    sources: no-subscriptions
    sysctl: { vm.swappiness: "1\\n2" }
    swap: { device: /dev/sdb2, size: 1G }
    pinPort: true`
    const lines = await findingsOf(siteText({ nodes }))
    assert.deepEqual(
      lines.map((line) => line.replace(/^\d+:\d+ nodes\.n1\./, '')),
      [
        'gateway6: "10.0.0.1" is not an IPv6 address',
        'ports.lan: "eno1.5000" is not the name of a network port such as eno1, bond0 or eno1.20 (15 characters at most)',
        'bonds.team0: "team0" is not the name of a bond such as bond0',
        'bonds.bond0.mode: is missing',
        'bonds.bond0.ports: must have 1 to 16 entries',
        'bonds.bond0.mod: unknown key "mod" (did you mean "mode"?)',
        'ssh.passphrase: must be a reference to a secret, never its value: { env: NAME }, { file: path } or { command: [program, argument] }',
        'ssh.user: "a b" is not a user name',
        'ssh.identityFiles: unknown key "identityFiles" (did you mean "identityFile"?)',
        'sources: must be one of enterprise, no-subscription, test, not "no-subscriptions" (did you mean "no-subscription"?)',
        'sysctl.vm.swappiness: "1�2" is not a number, or one line of text',
        'swap: needs either device, or file and size',
        'pinPort: unknown key "pinPort" (did you mean "pinPorts"?)',
      ],
    )
  })

  it('tells a kernel setting that stands twice', async () => {
    const defaults =
      'defaults: { node: { sysctl: { vm.swappiness: 1, net/ipv4/ip_forward: 1, net.ipv4.ip_forward: 0 } } }'
    assert.deepEqual(
      (await findingsOf(siteText({ defaults }))).map((line) => line.replace(/^\S+ /, '')),
      ['defaults.node.sysctl.net.ipv4.ip_forward: net.ipv4.ip_forward is the same setting as net/ipv4/ip_forward'],
    )
  })
})
