// Undoing: only what is not already as it was, what it interrupts, and what must stand after it.
import assert from 'node:assert/strict'
import { nodeWayBack } from '../../src/parts/net-undo.ts'
import { fakeHost, file } from '../resources/fake-host.ts'
import { testSite } from '../resources/test-site.ts'
import { type Facts, seenOf } from './net/facts.ts'
import { testNode } from './net/test-node.ts'

const FILE = '/etc/network/interfaces'
const MANAGEMENT =
  'auto vmbr0\niface vmbr0 inet static\n\taddress 10.0.0.2/24\n\tgateway 10.0.0.1\n\tbridge-ports eno1\n'
const LAN = '\nauto vmbr1\niface vmbr1 inet static\n\taddress 10.1.0.2/24\n\tbridge-ports eno2\n'
const PLAIN_LAN = '\nauto vmbr1\niface vmbr1 inet manual\n\tbridge-ports eno2\n'
const guests = { tap100i0: { master: 'vmbr1' }, veth101i0: { master: 'vmbr1' } }
const links = { eno1: { master: 'vmbr0' }, eno2: { master: 'vmbr1' }, vmbr0: {}, vmbr1: {} }
const NOW: Facts = {
  file: MANAGEMENT + LAN,
  links: { ...links, ...guests },
  addresses: { vmbr0: ['10.0.0.2/24'], vmbr1: ['10.1.0.2/24'] },
  ends: ['10.0.0.9', '10.0.0.2'],
}
const node = testNode({})
const { lookBack, readNow, disruptsBack, worseBack } = nodeWayBack(testSite({ nodes: [node] }), node.name)
const was = (text: string | undefined) => [{ path: FILE, text }]

describe('parts/net-undo', () => {
  it('shows lines of what changes, and nothing of what is the same', () => {
    const before = [
      { path: '/etc/a', text: 'old\n' },
      { path: '/etc/same', text: 'same\n' },
      { path: '/etc/new', text: undefined },
    ]
    const files = new Map([
      ['/etc/a', file('new\n')],
      ['/etc/same', file('same\n')],
      ['/etc/new', file('new\n')],
    ])
    const differences = lookBack(before, { files, commands: new Map() })
    assert.deepEqual(
      differences.map(({ field, lines }) => [field, lines]),
      [
        ['/etc/a', ['-new', '+old']],
        ['/etc/new', ['-new']],
      ],
    )
    assert.equal(differences[1]?.want, 'absent')
  })

  it('shows no line of what others may not read, now or before', () => {
    const before = [
      { path: '/etc/a', text: 'hunter1\n', mode: 0o640 },
      { path: '/etc/b', text: 'hunter2\n' },
    ]
    const files = new Map([
      ['/etc/a', file('hunter3\n')],
      ['/etc/b', file('hunter4\n', 0o600)],
    ])
    const shown = JSON.stringify(lookBack(before, { files, commands: new Map() }))
    assert.match(shown, /new content, not shown/)
    assert.doesNotMatch(shown, /hunter/)
  })

  it('reads the network only where the interfaces go back', async () => {
    const { host } = fakeHost({ files: { '/etc/a': 'a', [FILE]: MANAGEMENT } })
    const { commands } = await readNow(host, [{ path: '/etc/a', text: 'x' }])
    assert.equal(commands.has('ip-links'), false)
    const seen = await readNow(host, was(MANAGEMENT))
    assert.equal(seen.commands.has('ip-links'), true)
    assert.equal(seen.files.get(FILE)?.text, MANAGEMENT)
    assert.equal(seen.commands.get('ssh-ends')?.stdout, '10.0.0.9 10.0.0.1')
  })

  const INTERRUPTS: [what: string, text: string | undefined, says: string | undefined][] = [
    ['nothing, where it is the same', MANAGEMENT + LAN, undefined],
    ['a bridge that changes, with its guests', MANAGEMENT + PLAIN_LAN, 'bridge vmbr1 (2 guests)'],
    ['a bridge that goes', MANAGEMENT, 'bridge vmbr1 for good (2 guests)'],
    ['our own path', MANAGEMENT.replace('eno1', 'eno3') + LAN, `bridge vmbr0, your own path to ${node.name}`],
  ]
  for (const [what, text, says] of INTERRUPTS) {
    it(`interrupts ${what}`, () => assert.equal(disruptsBack(was(text), seenOf(NOW)), says))
  }

  it('interrupts and proves nothing where no interfaces go back', () => {
    const before = [{ path: '/etc/a', text: 'x' }]
    assert.equal(disruptsBack(before, seenOf(NOW)), undefined)
    assert.deepEqual(worseBack(before, seenOf(NOW), seenOf({})), [])
  })

  const AFTER: [what: string, text: string, after: Facts, worse: string[]][] = [
    ['all that was there', MANAGEMENT + PLAIN_LAN, { ...NOW, file: MANAGEMENT + PLAIN_LAN }, []],
    [
      "a guest's port that is no longer on its bridge",
      MANAGEMENT + PLAIN_LAN,
      { ...NOW, links: { ...NOW.links, tap100i0: {} } },
      ['the guest port tap100i0 is no longer on vmbr1'],
    ],
    ['a guest that was stopped meanwhile', MANAGEMENT + PLAIN_LAN, { ...NOW, links }, []],
    [
      'the ports of a bridge that goes, which was said',
      MANAGEMENT,
      { ...NOW, links: { eno1: { master: 'vmbr0' }, vmbr0: {}, tap100i0: {}, veth101i0: {} } },
      [],
    ],
    [
      'the address of our session, and of its bridge',
      MANAGEMENT,
      { ...NOW, addresses: {} },
      [`10.0.0.2, which carried this session, is no longer on ${node.name}`, 'vmbr0 has no address 10.0.0.2/24'],
    ],
    [
      'an address that the earlier file moves away',
      MANAGEMENT.replace('10.0.0.2', '10.0.0.7'),
      { ...NOW, addresses: { vmbr0: ['10.0.0.7/24'] } },
      [],
    ],
    ['a bridge that is gone', MANAGEMENT + LAN, { ...NOW, links: { vmbr0: {} } }, ['vmbr1 is not there']],
  ]
  for (const [what, text, after, worse] of AFTER) {
    it(`proof: ${what}`, () => assert.deepEqual(worseBack(was(text), seenOf(NOW), seenOf(after)), worse))
  }
})
