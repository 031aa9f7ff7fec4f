// Names of interfaces, and bonds.
import assert from 'node:assert/strict'
import type { z } from 'zod'
import { bonds, bridgeName, networkPort, ownAddresses } from '../../../src/site/schema/interface.ts'

const takes = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success
const bond = (settings: object) => ({ bond0: { ports: ['eno1', 'eno2'], mode: 'active-backup', ...settings } })

describe('schema/interface', () => {
  const rows: [string, z.ZodType, readonly unknown[], readonly unknown[]][] = [
    [
      'bridge',
      bridgeName,
      ['vmbr0', 'br-lan', 'vmbr0v20', 'x'.repeat(15)],
      ['v', 'vmbr0.20', 'x'.repeat(16), '0br', 'all', 'lo', 'none', 'a b', 'vmbr0\n', 'vmbr0:1', '$(a)', 'br;', 0],
    ],
    [
      'port',
      networkPort,
      ['eno1', 'enp5s0f0np0', 'enx001122334455', 'bond0', 'eno1.20', 'bond0.4094', 'nic0'],
      [
        'eno1.0',
        'eno1.4095',
        'eno1.020',
        'eno1.20.30',
        'eno1:1',
        'enp130s0f1npf0v2',
        'bond0.',
        '.20',
        'none',
        'all',
        'lo.20',
        'regex',
        '-eno1',
        'eno1 eno2',
        'eno1\n',
        'eno1#',
        '',
        1,
      ],
    ],
    [
      'bonds',
      bonds,
      [
        bond({}),
        bond({ mode: '802.3ad', hashPolicy: 'layer3+4', mtu: 9000 }),
        bond({ primary: 'eno1' }),
        bond({ ports: 'eno1' }),
        {},
      ],
      [
        bond({ ports: [] }),
        bond({ ports: ['bond1.3'] }),
        bond({ mode: 'lacp' }),
        bond({ mode: 4 }),
        bond({ hashPolicy: 'encap2+3' }),
        bond({ mtu: 100 }),
        bond({ miimon: 100 }),
        { bond0: { ports: ['eno1'] } },
        { team0: { ports: ['eno1'], mode: 'active-backup' } },
        { bond00000: { ports: ['eno1'], mode: 'active-backup' } },
      ],
    ],
    [
      'addresses',
      ownAddresses,
      ['10.0.0.2', ['10.0.0.2', 'fd00::2']],
      [[], '10.0.0.2/24', '10.0.0', 'pve', ['10.0.0.2\n'], Array(33).fill('10.0.0.2')],
    ],
  ]
  for (const [key, schema, good, bad] of rows) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(takes(schema, value)))
    for (const value of bad) it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!takes(schema, value)))
  }
})
