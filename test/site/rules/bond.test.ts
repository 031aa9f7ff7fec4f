// The rules for bonds.
import assert from 'node:assert/strict'
import { bonds } from '../../../src/site/rules/bond.ts'
import type { Bond, Node } from '../../../src/site/site.ts'
import { node, site, told } from '../site-builder.ts'

const bond = (parts: Partial<Bond> = {}): Bond => ({
  name: 'bond0',
  ports: ['eno1', 'eno2'],
  mode: 'active-backup',
  ...parts,
})

describe('site/rules/bond', () => {
  const rows: [string, Partial<Node>, string[]][] = [
    ['a good one', { bonds: [bond({ primary: 'eno2' })], ports: { lan: 'bond0', guest: 'bond0.20', wan: 'eno3' } }, []],
    ['a hash policy of LACP', { bonds: [bond({ mode: '802.3ad', hashPolicy: 'layer3+4' })] }, []],
    [
      'a hash policy that the mode has not',
      { bonds: [bond({ hashPolicy: 'layer2' })] },
      ['error nodes.a.bonds.bond0.hashPolicy: only balance-xor and 802.3ad have a hash policy, not active-backup'],
    ],
    [
      'a primary port that the mode has not, and that is none',
      { bonds: [bond({ mode: '802.3ad', primary: 'eno3' })] },
      [
        'error nodes.a.bonds.bond0.primary: only active-backup has a primary port, not 802.3ad',
        'error nodes.a.bonds.bond0.primary: eno3 is no port of bond0 (did you mean "eno1"?)',
      ],
    ],
    [
      'one port in two bonds, and twice in one',
      { bonds: [bond({ ports: ['eno1', 'eno1'] }), bond({ name: 'bond1', ports: ['eno3', 'eno1'] })] },
      [
        'error nodes.a.bonds.bond0.ports: port eno1 is taken by bond0',
        'error nodes.a.bonds.bond1.ports: port eno1 is taken by bond0',
      ],
    ],
    [
      'a bonded port used by itself',
      { bonds: [bond()], ports: { lan: 'eno2', guest: 'eno1.20' } },
      [
        'error nodes.a.ports.lan: port eno2 belongs to bond0: name bond0 here',
        'error nodes.a.ports.guest: port eno1 belongs to bond0: name bond0 here',
      ],
    ],
    [
      'a bond that is none',
      { bonds: [bond()], ports: { lan: 'bond1.20' } },
      ['error nodes.a.ports.lan: no bond of a is called bond1 (did you mean "bond0"?)'],
    ],
    ['a bond that may be there already', { ports: { lan: 'bond1' } }, []],
  ]
  for (const [title, parts, want] of rows)
    it(title, () => assert.deepEqual(told(bonds(site({ nodes: [node('a', parts)] }))), want))
})
