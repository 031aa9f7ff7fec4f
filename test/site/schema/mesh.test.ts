// The mesh in the site file: what each key takes. What becomes configuration holds nothing that could end its line.
import assert from 'node:assert/strict'
import { mesh } from '../../../src/site/schema/mesh.ts'

const GATEWAY = { address: '10.99.0.1', endpoint: 'a.example.net' }
const takes = (keys: object) => mesh.safeParse({ network: '10.99.0.0/16', ...keys }).success
const takesGateway = (keys: object) => takes({ gateways: { gw: { ...GATEWAY, ...keys } } })
const takesTailscale = (keys: object) => takes({ tailscale: { hosts: 'n1', authKey: { env: 'K' }, ...keys } })

const HOSTILE = ['', ' ', 'a b', 'a;b', 'a"b', "a'b", 'a\nb', 'a#b', 'a{b', '../a', '-a', 'a`b`', '$(a)', 'ä']

describe('schema/mesh', () => {
  const rows: [string, (keys: object) => boolean, readonly unknown[], readonly unknown[]][] = [
    ['routing', takes, ['bgp', 'static'], ['ospf', true]],
    ['topology', takes, ['hub', 'full'], ['star']],
    ['port', takes, [1, 51820, 65535], [0, 65536, '51820']],
    ['network', takes, ['fd99::/48'], ['10.99.0.1/16', '10.99.0.0', ...HOSTILE]],
    [
      'postQuantum',
      takes,
      ['ml-kem-768', { kem: 'ml-kem-768' }, { kem: 'ml-kem-768', required: false }],
      ['ml-kem-1024', true, {}, { required: false }, { kem: 'ml-kem-768', require: false }],
    ],
    ['direct', takes, [[], [['a', 'b']]], [[['a']], [['a', 'b', 'c']], ['a', 'b'], [['a', 'b;c']]]],
    ['endpoint', takesGateway, ['192.0.2.1', '2001:db8::1', 'van'], ['192.0.2.1:51820', '192.0.2.300', ...HOSTILE]],
    ['address', takesGateway, ['10.99.0.1', 'fd99::1'], ['10.99.0.1/16', 'gw', ...HOSTILE]],
    ['routes', takesGateway, ['lan', '10.1.0.0/24', ['lan', 'fd00::/64'], []], ['10.1.0.1/24', '10.1/16', ...HOSTILE]],
    ['number', takesGateway, [1, 65535], [0, 65536, 1.5, '7']],
    ['port of a gateway', (keys) => takesGateway({ port: Object.values(keys)[0] }), [1, 65535], [0, 65536]],
    ['mtu', takesGateway, [1280, 1492, 9000], [1279, 65521, '1500']],
    ['tags', takesTailscale, ['tag:site', ['tag:a', 'tag:b-2']], ['site', 'tag:', 'tag:2', 'tag:a b', 'tag:a,tag:b']],
    ['authKey', takesTailscale, [{ file: 'ts.key' }, { command: ['pass', 'ts'] }], ['tskey-auth-x', 7, { value: 'x' }]],
    ['hosts', takesTailscale, ['n1', ['n1', 'gw']], [HOSTILE, 7]],
  ]
  for (const [key, accepts, good, bad] of rows) {
    for (const value of good) it(`${key} takes ${JSON.stringify(value)}`, () => assert.ok(accepts({ [key]: value })))
    for (const value of bad) it(`${key} refuses ${JSON.stringify(value)}`, () => assert.ok(!accepts({ [key]: value })))
  }
  for (const name of HOSTILE)
    it(`neither a gateway nor a client is called ${JSON.stringify(name)}`, () => {
      assert.ok(!takes({ gateways: { [name]: GATEWAY } }))
      assert.ok(!takes({ clients: { [name]: { address: '10.99.0.9' } } }))
    })
})
