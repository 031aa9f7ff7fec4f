// A node's network changed on a real host, over SSH and under the guard: what stands, and what the host puts back.
import assert from 'node:assert/strict'
import type { OrionError } from '../../../src/errors.ts'
import { connectHost } from '../../../src/host/connect.ts'
import type { Host } from '../../../src/host/host.ts'
import { interfaces } from '../../../src/parts/net/interfaces.ts'
import type { Outside, Resource } from '../../../src/resource.ts'
import { fileSet } from '../../../src/resources/file-set.ts'
import type { Bridge } from '../../../src/site/site.ts'
import { OPERATOR } from '../../hosts/network.ts'
import { startHost, type TestHost, withHosts } from '../../hosts/nspawn.ts'
import { bridge, netNode } from './wanted-nodes.ts'

const FILE = '/etc/network/interfaces'
const WINDOW_SECONDS = 6

describe('parts/net/interfaces under the guard', function () {
  this.timeout(90_000)
  let machine: TestHost
  let host: Host
  let own: string
  const ending = new AbortController()
  before(async function () {
    await withHosts(this)
    machine = await startHost({ name: 'guarded' })
    own = await machine.must(['cat', FILE])
    host = connectHost({
      name: 'alpha',
      addresses: [machine.address],
      user: 'root',
      identityFile: machine.identityFile,
      knownHosts: [machine.knownHosts],
      proxyCommand: machine.proxyCommand,
      config: '',
      agent: '',
      by: 'tester@here (test)',
      signal: ending.signal,
    })
  })
  after(async () => {
    await host?.close()
    await machine?.stop()
  })
  beforeEach(() => host.forget())

  const home = (parts: Partial<Bridge> = {}) =>
    bridge('vmbr0', {
      port: 'eno1',
      addresses: [{ network: 'lan', cidr: `${machine.address}/24`, gateway: OPERATOR }],
      ...parts,
    })

  function resource(bridges: readonly Bridge[], address = machine.address): Resource {
    const node = netNode(bridges, { address })
    return fileSet({ ...interfaces(node), confirmWithinSeconds: WINDOW_SECONDS }) as Resource
  }

  const outside = { host: async () => host, forget: () => host.forget(), signal: ending.signal } as unknown as Outside

  /** Plans and applies as the engine does: the differences, and the error of either step. */
  async function apply(one: Resource): Promise<{ fields: readonly string[]; error?: OrionError }> {
    try {
      const have = await one.observe(outside)
      const fields = one.diff(have).map(({ field }) => field)
      if (fields.length > 0) await one.update(outside, have, () => {})
      return { fields }
    } catch (error) {
      return { fields: [], error: error as OrionError }
    }
  }

  /** The host answers a new connection, and its file is to the byte what it was. */
  async function isAsBefore(): Promise<void> {
    const fresh = await host.fresh({ timeoutMs: 10_000 })
    await fresh.run(['true'])
    await fresh.close()
    assert.equal(await machine.must(['cat', FILE]), own)
  }

  const LOCKOUTS: readonly (readonly [string, string, () => readonly Bridge[], string, RegExp])[] = [
    [
      'a port name with a typo',
      'E_HOST_FACTS',
      () => [home(), bridge('vmbr1', { port: 'eon2' })],
      '',
      /has no port "eon2" \(did you mean "eno2"\?\)/,
    ],
    [
      'the management address taken away',
      'E_HOST_FACTS',
      () => [home({ addresses: [] })],
      '',
      /has that address nowhere/,
    ],
    [
      'a wrong gateway',
      'E_ROLLED_BACK',
      () => [
        home({
          addresses: [{ network: 'lan', cidr: `${machine.address}/24`, gateway: OPERATOR.replace(/\d+$/, '250') }],
        }),
      ],
      '',
      /gateway \S+250 does not answer/,
    ],
    [
      'a new management address that does not come',
      'E_ROLLED_BACK',
      () => [home({ addresses: [{ network: 'lan', cidr: '10.99.0.5/24' }] })],
      '10.99.0.5',
      /./,
    ],
  ]
  for (const [what, code, bridges, address, message] of LOCKOUTS) {
    it(`ends with the host as before: ${what}`, async () => {
      const { error } = await apply(resource(bridges(), address || undefined))
      assert.equal(error?.code, code, String(error))
      assert.equal(error?.exit, 4)
      assert.match(`${error?.message} ${error?.suggestions.join(' ')}`, message)
      await isAsBefore()
    })
  }

  it('stops at a stanza of others that is broken, with nothing touched', async () => {
    await machine.must(['tee', '-a', FILE], { input: '\niface eno3 inet statik\n' })
    const { error } = await apply(resource([home(), bridge('vmbr1', { port: 'eno2' })]))
    await machine.must(['tee', FILE], { input: own })
    assert.equal(error?.code, 'E_GUARD_REFUSED', String(error))
    await isAsBefore()
  })

  it('makes bridges, and has nothing to do after it', async () => {
    const wanted = resource([
      home(),
      bridge('vmbr1', { port: 'eno2', addresses: [{ network: 'x', cidr: '10.1.0.1/24' }] }),
      bridge('vmbr2'),
    ])
    assert.deepEqual(await apply(wanted), { fields: [FILE] })
    host.forget()
    assert.deepEqual(await apply(wanted), { fields: [] })
    const links = await machine.must(['ip', '-br', 'link', 'show', 'type', 'bridge'])
    assert.match(links, /vmbr0[\s\S]*vmbr1[\s\S]*vmbr2/)
    await machine.must(['ip', 'link', 'set', 'eno2', 'nomaster'])
    host.forget()
    assert.deepEqual(await apply(wanted), { fields: ['port eno2'] })
    host.forget()
    assert.deepEqual(await apply(wanted), { fields: [] })
  })
})
