// The configuration that a device gets: as wg-quick reads it, with the way into everything behind the mesh.
import assert from 'node:assert/strict'
import { clientConfiguration } from '../../../src/parts/mesh/client-configuration.ts'
import { lineOf } from '../../../src/parts/mesh/client-line.ts'
import type { Mesh } from '../../../src/site/services.ts'
import { gateway, mesh, network, node, site } from '../../site/site-builder.ts'

const GATEWAYS = [
  gateway('van-1', '10.99.1.1', { routes: ['10.1.0.0/24', 'fd00:1::/64'] }),
  gateway('kel-1', '10.99.2.1', { routes: ['10.2.0.0/24'] }),
]
const MESH = mesh(GATEWAYS)
const SITE = site({
  nodes: [node('van-1'), node('kel-1')],
  networks: [network('lan', { dns: ['10.1.0.53', '9.9.9.9'] }), network('lan6', { dns: ['fd00:1::53', '10.1.0.53'] })],
  mesh: MESH,
})
const client = { name: 'phone', address: '10.99.9.1', gateway: 'van-1' }
const lines = (
  keys: Parameters<typeof clientConfiguration>[1]['keys'],
  more: Partial<Parameters<typeof clientConfiguration>[1]['gateway']> = {},
) =>
  clientConfiguration(SITE, {
    client,
    gateway: { endpoint: 'van.fed.example.net', port: 51820, ...more },
    gatewayKey: 'GATEWAY=',
    keys,
  }).split('\n')

describe('parts/mesh/client-configuration', () => {
  it('is whole where the key was made here', () => {
    assert.deepEqual(lines({ publicKey: 'OWN=', privateKey: 'PRIVATE=', presharedKey: 'SHARED=' }), [
      '[Interface]',
      'PrivateKey = PRIVATE=',
      'Address = 10.99.9.1/32',
      'DNS = 10.1.0.53, fd00:1::53',
      '',
      '[Peer]',
      'PublicKey = GATEWAY=',
      'PresharedKey = SHARED=',
      'AllowedIPs = 10.99.0.0/16, 10.1.0.0/24, fd00:1::/64, 10.2.0.0/24',
      'Endpoint = van.fed.example.net:51820',
      'PersistentKeepalive = 25',
      '',
    ])
  })

  it('says whose private key is to be put in where the device has it', () => {
    const text = lines({ publicKey: 'OWN=' })
    assert.equal(text[1], '# PrivateKey = the one on the device, whose public key is OWN=')
    assert.ok(!text.some((line) => line.startsWith('PresharedKey')))
  })

  it('writes an endpoint of IPv6 as a literal, and the MTU of the underlay less its head', () => {
    const text = lines({ publicKey: 'OWN=' }, { endpoint: '2001:db8::1', mtu: 1500 })
    assert.ok(text.includes('Endpoint = [2001:db8::1]:51820'))
    assert.ok(text.includes('MTU = 1420'))
    assert.ok(lines({ publicKey: 'OWN=' }, { mtu: 1300 }).includes('MTU = 1280'))
  })
})

describe('parts/mesh/client-line', () => {
  const rows: readonly { readonly it: string; readonly mesh: Partial<Mesh>; readonly line: RegExp }[] = [
    {
      it: 'begins after the gateways',
      mesh: {},
      line: /below mesh: clients: \{ phone: \{ address: 10\.99\.2\.2 \} \}$/,
    },
    {
      it: 'goes on after the clients',
      mesh: {
        clients: [
          { name: 'a', address: '10.99.9.1' },
          { name: 'b', address: '10.99.9.7' },
        ],
      },
      line: /below mesh, clients: phone: \{ address: 10\.99\.9\.8 \}$/,
    },
    {
      it: 'begins anew where the end is reached',
      mesh: { network: '10.99.0.0/24', clients: [{ name: 'a', address: '10.99.0.254' }] },
      line: /address: 10\.99\.0\.1 /,
    },
    {
      it: 'takes no address of a network or of a gateway',
      mesh: { network: '10.99.2.0/30', clients: [{ name: 'a', address: '10.99.2.2' }] },
      line: /^10\.99\.2\.0\/30 has no address left for phone$/,
    },
    {
      it: 'knows IPv6',
      mesh: { network: 'fd00:99::/64', gateways: [gateway('a', 'fd00:99::7')] },
      line: /address: fd00:99::8 /,
    },
  ]
  for (const row of rows) it(row.it, () => assert.match(lineOf({ ...MESH, ...row.mesh }, 'phone')[0] ?? '', row.line))
})
