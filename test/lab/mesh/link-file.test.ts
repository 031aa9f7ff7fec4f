// The file of a link: what the simulated hosts take, and what they refuse.
import assert from 'node:assert/strict'
import { readLinkFile } from '../../../src/lab/mesh/link-file.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const INTERFACE =
  '[Interface]\nAddress = 10.99.1.1/32\nAddress = fe80::2/64\nPrivateKeyFile = wg-a.key\nListenPort = 51822\nTable = off\n'
const PEER = `[Peer]\nName = a\nPublicKey = ${KEY}\nPresharedKeyFile = -wg-a.psk\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = a.example.net:51823\nPersistentKeepalive = 25\n`

describe('lab/mesh/link-file', () => {
  it('reads a link', () =>
    assert.deepEqual(readLinkFile(`# a comment\n${INTERFACE}\n${PEER}`), {
      addresses: ['10.99.1.1/32', 'fe80::2/64'],
      port: 51822,
      keyFile: 'wg-a.key',
      peers: [
        {
          publicKey: KEY,
          allowed: ['0.0.0.0/0', '::/0'],
          endpoint: 'a.example.net:51823',
          keepalive: 25,
          psk: { file: 'wg-a.psk', required: false },
        },
      ],
    }))
  it('a preshared key that must be there, and a table of its own', () => {
    const { table, peers } = readLinkFile(`${INTERFACE.replace('off', '5180')}${PEER.replace('-wg-a.psk', 'wg-a.psk')}`)
    assert.deepEqual([table, peers[0]?.psk], [5180, { file: 'wg-a.psk', required: true }])
  })

  const wrong: [string, string, RegExp][] = [
    ['nothing', '', /does not begin with \[Interface\]/],
    ['a peer first', PEER, /does not begin with \[Interface\]/],
    ['a word that wg does not know', `${INTERFACE}PostUp = reboot\n`, /Line unrecognized: `PostUp = reboot'/],
    ['a word in the wrong section', `${INTERFACE}${PEER}ListenPort = 1\n`, /Line unrecognized/],
    ['a line without a value', `${INTERFACE}${PEER}garbage\n`, /Line unrecognized: `garbage'/],
    ['no port', INTERFACE.replace('51822', 'x'), /has no ListenPort/],
    ['an MTU that takes IPv6 away', `${INTERFACE}MTU = 1279\n`, /MTU 1279/],
    ['a name of a key that leads elsewhere', INTERFACE.replace('wg-a.key', '../x'), /no name of a file of keys/],
    ['a key that is none', `${INTERFACE}${PEER.replace(KEY, '(a makes it)')}`, /Key is not the correct length/],
    ['an endpoint without a port', `${INTERFACE}${PEER.replace(':51823', '')}`, /Unable to find port of endpoint/],
    ['a keep-alive that is no number', `${INTERFACE}${PEER.replace('25', 'often')}`, /persistent keepalive/],
  ]
  for (const [title, text, message] of wrong)
    it(`refuses ${title}`, () => assert.throws(() => readLinkFile(text), message))
})
