// The links of a lab's host.
import assert from 'node:assert/strict'
import { firstHost } from '../../../src/lab/host/first-state.ts'
import { networkOf } from '../../../src/lab/host/links.ts'
import { HARDWARE } from './lab-host.ts'

const [node] = HARDWARE.nodes

describe('lab/host/links', () => {
  assert.ok(node)
  const host = firstHost(node, '9.1.4')
  const make = (text: string) => networkOf(host, text)
  const shown = (text: string) =>
    [...make(text).links.values()]
      .filter(({ name }) => name !== 'lo')
      .map(({ name, up, master, parent }) => [name, up ? 'up' : 'down', master ?? parent].filter(Boolean).join(' '))

  it('makes what the installer has written', () => {
    assert.deepEqual(shown(host.applied), ['eno1 up vmbr0', 'eno2 down', 'vmbr0 up'])
    const { routes, errors } = make(host.applied)
    assert.deepEqual(routes, [
      { to: 'default', via: '192.0.2.1', dev: 'vmbr0' },
      { to: '192.0.2.0/24', dev: 'vmbr0', from: '192.0.2.10' },
    ])
    assert.deepEqual(errors, [])
  })

  const rows: [what: string, text: string, links: string[], errors: string[]][] = [
    ['nothing without auto', 'iface vmbr1 inet manual\n bridge-ports none\n', ['eno1 down', 'eno2 down'], []],
    [
      'a bridge down whose port is missing',
      'auto vmbr0\niface vmbr0 inet manual\n bridge-ports eno1 eno9\n',
      ['eno1 down', 'eno2 down', 'vmbr0 down'],
      ['vmbr0: bridge port eno9 does not exist'],
    ],
    [
      'a port by its other name',
      'auto vmbr0\niface vmbr0 inet manual\n bridge-ports enp1s0f1\n',
      ['eno1 down', 'eno2 up vmbr0', 'vmbr0 up'],
      [],
    ],
    [
      'a bridge on a VLAN, and a VLAN on a bridge',
      'auto vmbr0\niface vmbr0 inet manual\n bridge-ports eno1.20\nauto vmbr0.30\niface vmbr0.30 inet manual\n',
      ['eno1 up', 'eno2 down', 'eno1.20 up vmbr0', 'vmbr0 up', 'vmbr0.30 up vmbr0'],
      [],
    ],
    [
      'a bridge on a bond',
      'auto bond0\niface bond0 inet manual\n bond-slaves eno1 eno2\nauto vmbr0\niface vmbr0 inet manual\n bridge-ports bond0\n',
      ['eno1 up bond0', 'eno2 up bond0', 'bond0 up vmbr0', 'vmbr0 up'],
      [],
    ],
    [
      'no VLAN on what is not there',
      'auto eno7.5\niface eno7.5 inet manual\n',
      ['eno1 down', 'eno2 down'],
      ['eno7.5: vlan raw device eno7 does not exist'],
    ],
  ]
  for (const [what, text, links, errors] of rows) {
    it(`makes ${what}`, () => {
      assert.deepEqual(shown(text), links)
      assert.deepEqual(make(text).errors, errors)
    })
  }
})
