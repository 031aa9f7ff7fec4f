// The operator's path: a change that leaves the session's address without a wire is refused before anything is written.
import assert from 'node:assert/strict'
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import type { Bridge, Node } from '../../../src/site/site.ts'
import { type Facts, seenOf } from './facts.ts'
import { bridge, HOME, netNode } from './wanted-nodes.ts'

const stanza = (name: string, ports: string, address = 'manual') =>
  `\nauto ${name}\niface ${name} inet ${address}\n\tbridge-ports ${ports}\n\tbridge-stp off\n\tbridge-fd 0\n`
const STATIC = 'static\n\taddress 192.168.1.10/24\n\tgateway 192.168.1.1'
const LOOPBACK = 'auto lo\niface lo inet loopback\n'

/** The session comes in at 192.168.1.10 on vmbr0, over eno1. */
const HOST: Facts = {
  file: `${LOOPBACK}\niface eno1 inet manual\n${stanza('vmbr0', 'eno1', STATIC)}`,
  links: { eno1: { master: 'vmbr0' }, eno2: {}, vmbr0: {} },
  addresses: { vmbr0: ['192.168.1.10/24'] },
  routes: ['default via 192.168.1.1 dev vmbr0', '192.168.1.0/24 dev vmbr0'],
  ends: ['192.168.1.20', '192.168.1.10'],
}
const { port: _, ...PORTLESS } = HOME

const look = (node: Node, facts: Facts) => {
  const set = interfaces(node)
  const seen = seenOf(facts)
  return { text: set.files(seen)[0]?.text ?? '', problems: set.problems?.(seen) ?? [] }
}
const taking = (port: string): Bridge => bridge('vmbr1', { port })

describe('parts/net/interfaces-path', () => {
  it('keeps the ports of a bridge for which the site file names none', () => {
    const { text, problems } = look(netNode([PORTLESS, taking('eno2')]), HOST)
    assert.match(text, /iface vmbr0 inet static\n[^\n]*\n[^\n]*\n\s+bridge-ports eno1\n/)
    assert.deepEqual(problems, [])
  })

  const BOND = '\nauto bond0\niface bond0 inet manual\n\tbond-slaves eno1 eno2\n\tbond-mode active-backup\n'
  const refused: [string, Node, Facts][] = [
    ['goes to another bridge', netNode([PORTLESS, taking('eno1')]), HOST],
    [
      'is a bond that goes to another bridge',
      netNode([PORTLESS, taking('bond0')]),
      { ...HOST, file: `${LOOPBACK}${BOND}${stanza('vmbr0', 'bond0', STATIC)}` },
    ],
    [
      'is below a VLAN of the bridge',
      netNode([
        { ...PORTLESS, addresses: [{ network: 'lan', cidr: '192.168.1.10/24', vlan: 20, gateway: '192.168.1.1' }] },
        taking('eno1'),
      ]),
      HOST,
    ],
    [
      'carries the address itself, without a bridge',
      netNode([PORTLESS, taking('eno1')]),
      {
        ...HOST,
        file: `${LOOPBACK}\nauto eno1\niface eno1 inet ${STATIC}\n`,
        addresses: { eno1: ['192.168.1.10/24'] },
      },
    ],
  ]
  for (const [title, node, facts] of refused)
    it(`refuses to take away the only wire, where it ${title}`, () => {
      const { problems } = look(node, facts)
      const found = problems.filter((problem) => /192\.168\.1\.10.* would have no port left/.test(problem))
      assert.equal(found.length, 1, problems.join('\n'))
    })

  it('says nothing of a bridge that had no wire before', () => {
    const without = { ...HOST, file: `${LOOPBACK}${stanza('vmbr0', 'none', STATIC)}` }
    assert.deepEqual(look(netNode([{ ...PORTLESS, mtu: 1400 }]), without).problems, [])
  })
})
