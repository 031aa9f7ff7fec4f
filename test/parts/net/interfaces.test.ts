// A node's interfaces as a file-set: the file, what is asked of the host, and what does not stand after a change.
import assert from 'node:assert/strict'
import type { Node } from '../../../src/site/site.ts'
import { type Facts, seenOf } from './facts.ts'
import {
  addressed,
  changed,
  disrupts,
  drift,
  FILE,
  fileSet,
  HOST,
  links,
  problems,
  TWO,
  text,
  up,
  vmbr1,
} from './installed-host.ts'
import { HOME, netNode } from './wanted-nodes.ts'

describe('parts/net/interfaces', () => {
  it('has nothing to say where the host is as wanted', () => {
    const node = netNode([HOME])
    assert.equal(text(node, HOST), FILE)
    assert.deepEqual(problems(node, HOST), [])
    assert.equal(disrupts(node, HOST), undefined)
    assert.deepEqual(drift(node, HOST), [])
  })

  for (const kind of ['link', 'other'] as const) {
    it(`refuses a file that is a ${kind}, whatever it holds`, () => {
      const seen = seenOf(HOST)
      const files = new Map([
        ['/etc/network/interfaces', { kind, text: '', mode: 0o644, owner: 'root', group: 'root' }],
      ])
      const said = fileSet(netNode([HOME])).problems?.({ ...seen, files }) ?? []
      assert.deepEqual(said.length, 1)
      assert.match(said[0] ?? '', /is no plain UTF-8 text file/)
    })
  }

  it('asks the host for everything that it judges by, pings before neighbours', () => {
    const { commands = {} } = fileSet(
      netNode([HOME, vmbr1({ addresses: addressed('2001:db8::5/64', 'fe80::1') })]),
    ).wish
    assert.deepEqual(Object.keys(commands), [
      'ip-links',
      'ip-addresses',
      'ip-routes',
      'ip-routes6',
      'ifupdown2',
      'gateway4',
      'gateway6',
      'ip-neighbours',
    ])
    assert.equal(commands.gateway4?.at(-1), '192.168.1.1')
    assert.equal(commands.gateway6?.at(-1), 'fe80::1%vmbr1')
  })

  it("writes the kernel's name for an altname", () => {
    assert.match(text(netNode([{ ...HOME, port: 'enp3s0' }]), HOST), /bridge-ports eno1\n/)
    assert.match(text(netNode([{ ...HOME, port: 'enp3s0.20' }]), HOST), /bridge-ports eno1\.20\n/)
  })
})

describe('parts/net/interfaces: what does not stand', () => {
  const worse = (node: Node, before: Facts, now: Facts) => fileSet(node).prove?.(seenOf(before), seenOf(now))

  it('is content with what is in force', () => assert.deepEqual(worse(TWO, HOST, changed()), []))

  it('says what is not in force', () => {
    assert.deepEqual(worse(TWO, HOST, up('eno2', {})), ['port eno2 is nowhere and not vmbr1'])
  })

  it('misses the ports of guests, but not those of guests that have gone', () => {
    const before = {
      ...HOST,
      links: links({
        tap100i0: { master: 'vmbr0' },
        veth101i0: { master: 'vmbr0' },
        fwln102i0: { master: 'fwbr102i0' },
      }),
    }
    const now = changed({ links: { ...changed().links, tap100i0: {}, fwln102i0: { master: 'vmbr0' } } })
    assert.deepEqual(worse(TWO, before, now), [
      'the guest port tap100i0 is no longer on vmbr0',
      'the guest port fwln102i0 is no longer on fwbr102i0 but on vmbr0',
    ])
  })

  const other = netNode([{ ...HOME, addresses: addressed('192.168.1.10/24', '192.168.1.99') }])
  const silent = { ...HOST, file: text(other, HOST), routes: ['default via 192.168.1.99 dev vmbr0'] }
  it('sees a wrong gateway by its silence', () => {
    const want = ['the gateway 192.168.1.99 does not answer on vmbr0']
    assert.deepEqual(worse(other, HOST, silent), want)
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 FAILED'] }), want)
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 STALE'] }), [])
  })

  it('takes an answer on another interface for none', () => {
    const want = ['the gateway 192.168.1.99 does not answer on vmbr0']
    assert.deepEqual(worse(other, HOST, { ...silent, neighbours: ['192.168.1.99 REACHABLE vmbr1'] }), want)
  })

  it('does not blame a gateway that was as silent before', () => {
    assert.deepEqual(worse(TWO, { ...HOST, neighbours: [] }, changed({ neighbours: [] })), [])
    assert.deepEqual(worse(TWO, HOST, changed({ neighbours: [] })), [
      'the gateway 192.168.1.1 does not answer on vmbr0',
    ])
  })
})
