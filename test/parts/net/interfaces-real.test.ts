// The rendered files before the real ifupdown2: what its check says of them, and that they make what they say on a real host.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Host, Seen, SeenFile } from '../../../src/host/host.ts'
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import { interfacesWish } from '../../../src/parts/net/interfaces-wish.ts'
import type { Node } from '../../../src/site/site.ts'
import { OPERATOR } from '../../hosts/network.ts'
import { startHost, type TestHost, withHosts } from '../../hosts/nspawn.ts'
import { bridge, netNode } from './wanted-nodes.ts'

const FILE = '/etc/network/interfaces'
const KEEP = '\tbridge-ports-condone-regex ^(tap|veth|fwpr|fwln)\n'

const RELOAD = ['ifreload', '-a']

describe('parts/net/interfaces on a real host', function () {
  this.timeout(60_000)
  let host: TestHost
  let own: string
  before(async function () {
    await withHosts(this)
    host = await startHost({ name: 'net' })
    own = await host.must(['cat', FILE])
  })
  after(() => host?.stop())

  const put = (text: string) => host.must(['tee', FILE], { input: text })
  const fileSet = (node: Node) => interfaces(node)
  /** Bridges, and nothing else, as a site file would want them on this host. */
  const node = (...more: Parameters<typeof netNode>[0]) =>
    netNode(
      [
        bridge('vmbr0', {
          port: 'eno1',
          addresses: [{ network: 'lan', cidr: `${host.address}/24`, gateway: OPERATOR }],
        }),
        ...more,
      ],
      {
        address: host.address,
      },
    )

  /** What E's file-set would read, without SSH. */
  async function read(wanted: Node): Promise<Seen> {
    const commands = new Map<string, Awaited<ReturnType<Host['run']>>>()
    for (const [name, argv] of Object.entries(interfacesWish(wanted).commands ?? {}))
      commands.set(name, await host.exec(argv))
    commands.set('ssh-ends', { code: 0, stdout: `${OPERATOR} ${host.address}`, stderr: '' })
    const file: SeenFile = {
      kind: 'file',
      text: await host.must(['cat', FILE]),
      mode: 0o644,
      owner: 'root',
      group: 'root',
    }
    return { files: new Map([[FILE, file]]), commands }
  }

  async function check(text: string) {
    await put(text)
    const [argv = []] = fileSet(node()).check ?? []
    try {
      return await host.exec(argv)
    } finally {
      await put(own)
    }
  }

  for (const name of ['orion', 'hive', 'vlans', 'bonds', 'ipv6']) {
    it(`passes the golden file ${name}`, async () => {
      const said = await check(readFileSync(new URL(`golden/${name}.txt`, import.meta.url), 'utf8'))
      assert.deepEqual([said.code, said.stderr], [0, ''])
    })
  }

  const BROKEN: readonly (readonly [string, string, 'before'?])[] = [
    ['an iface line without a name', 'iface\n'],
    ['a mistyped keyword at the start', 'ifcae eno3 inet manual\n\n', 'before'],
    [
      'an address that is none',
      '\nauto vmbr8\niface vmbr8 inet static\n\taddress 10.0.0.300/24\n\tbridge-ports none\n',
    ],
    ['a method that is none', '\niface eno3 inet statik\n'],
    ['a value that is none', '\nauto vmbr8\niface vmbr8 inet manual\n\tbridge-ports none\n\tbridge-stp maybe\n'],
  ]
  for (const [what, lines, where] of BROKEN) {
    it(`stops at ${what}`, async () => {
      const said = await check(where ? lines + own : own + lines)
      assert.notEqual(said.code, 0)
      assert.notEqual(said.stderr, '')
    })
  }

  it('makes what the file says, keeps guests, and finds nothing to do after it', async () => {
    const wanted = node(
      bridge('vmbr1', {
        port: 'eno2',
        mtu: 1400,
        addresses: [
          { network: 'x', cidr: '10.1.0.1/24' },
          { network: 'x', cidr: '10.1.0.2/24' },
          { network: 'x', cidr: '2001:db8::5/64', gateway: 'fe80::1' },
        ],
      }),
      bridge('vmbr2'),
    )
    await put(own.replace('\tbridge-fd 0\n', `\tbridge-fd 0\n${KEEP}`))
    await host.must(['ip', 'link', 'add', 'tap100i0', 'type', 'veth', 'peer', 'name', 'guest'])
    await host.must(['ip', 'link', 'set', 'tap100i0', 'master', 'vmbr0', 'up'])
    const set = fileSet(wanted)
    assert.deepEqual(set.activate, [RELOAD, RELOAD])
    const before = await read(wanted)
    assert.deepEqual(set.problems?.(before), [])
    await put(set.files(before)[0]?.text ?? '')
    await host.must(RELOAD)
    const now = await read(wanted)
    assert.deepEqual(set.prove?.(before, now), ['the gateway fe80::1 does not answer on vmbr1'])
    assert.equal(set.files(now)[0]?.text, now.files.get(FILE)?.text)
    assert.deepEqual(set.drift?.(now), [])
    assert.deepEqual(set.problems?.(now), [])
    await host.must(['ip', 'link', 'set', 'eno2', 'nomaster'])
    await host.must(['ip', 'addr', 'del', '10.1.0.2/24', 'dev', 'vmbr1'])
    assert.deepEqual(
      set.drift?.(await read(wanted)).map(({ field }) => field),
      ['port eno2', 'vmbr1 address'],
    )
    await host.must(RELOAD)
    assert.deepEqual(set.drift?.(await read(wanted)), [])
  })

  it("sees that Debian's ifupdown2 takes guests off a bridge, before and after", async () => {
    const wanted = node(bridge('vmbr3'))
    await put(own)
    await host.must(['ip', 'link', 'set', 'tap100i0', 'master', 'vmbr0', 'up'])
    const before = await read(wanted)
    const set = fileSet(wanted)
    assert.match(set.problems?.(before).join('\n') ?? '', /would take running guests off vmbr0 \(1 guest\)/)
    await put(set.files(before)[0]?.text ?? '')
    await host.exec(RELOAD)
    assert.deepEqual(set.prove?.(before, await read(wanted)), ['the guest port tap100i0 is no longer on vmbr0'])
    await put(own)
    await host.exec(RELOAD)
  })

  it('moves the address of the host to another bridge in one step', async () => {
    const home = { network: 'lan', cidr: `${host.address}/24`, gateway: OPERATOR }
    const wanted = netNode([bridge('vmbr0', { port: 'eno2' }), bridge('vmbr7', { port: 'eno1', addresses: [home] })], {
      address: host.address,
    })
    await put(own)
    await host.must(RELOAD)
    const set = fileSet(wanted)
    const before = await read(wanted)
    assert.deepEqual(set.problems?.(before), [])
    assert.equal(set.disrupts?.(before), 'bridge vmbr0, your own path to alpha')
    await put(set.files(before)[0]?.text ?? '')
    await host.exec(RELOAD)
    assert.deepEqual(set.prove?.(before, await read(wanted)), [])
    await put(own)
    await host.exec(RELOAD)
    assert.deepEqual(fileSet(node()).drift?.(await read(node())), [])
  })

  it('sees that a wrong gateway does not answer', async () => {
    const wrong = OPERATOR.replace(/\.\d+$/, '.250')
    const wanted = netNode(
      [bridge('vmbr0', { port: 'eno1', addresses: [{ network: 'lan', cidr: `${host.address}/24`, gateway: wrong }] })],
      { address: host.address },
    )
    await put(own)
    const set = fileSet(wanted)
    const before = await read(wanted)
    assert.deepEqual(set.problems?.(before), [])
    await put(set.files(before)[0]?.text ?? '')
    await host.exec(RELOAD)
    const worse = set.prove?.(before, await read(wanted)) ?? []
    assert.ok(worse.includes(`the gateway ${wrong} does not answer on vmbr0`), worse.join('\n'))
  })
})
