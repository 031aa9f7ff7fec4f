// Verifying the links of a mesh: each gateway is asked once, a first handshake is waited for, and one that is silent is not green.
import assert from 'node:assert/strict'
import { runProbes } from '../../../src/engine/verify.ts'
import { OrionError } from '../../../src/errors.ts'
import { type Gateway, getMesh } from '../../../src/parts/mesh/model.ts'
import { tunnelProbes } from '../../../src/parts/mesh/tunnels.ts'
import type { Outside } from '../../../src/resource.ts'
import { loadSite } from '../../../src/site/load.ts'
import type { Site } from '../../../src/site/site.ts'
import { type FakeHost, fakeHost } from '../../resources/fake-host.ts'
import { lookText } from './seen.ts'

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZpeHR1cmU lab@orion'

interface Told {
  /** Seconds since the last handshake of each link; undefined = never. */
  readonly age?: number
  readonly psk?: boolean
}

/** What orion-mesh-look says on a gateway whose links are all alike. */
function told(site: Site, gateway: Gateway, { age, psk = true }: Told): string {
  return lookText(getMesh(site).gateways, gateway, () => ({
    handshakeSeconds: age,
    ...(psk ? {} : { psk: undefined }),
  }))
}

describe('parts/mesh/tunnels', () => {
  let site: Site
  beforeEach(async () => {
    site = await loadSite('templates/sites/federation.yaml', { standInKey: KEY })
  })

  async function verify(
    say: (gateway: Gateway, time: number) => Told | undefined,
    gateways?: readonly string[],
    withinMs = 0,
  ) {
    const hosts = new Map<string, FakeHost>(
      getMesh(site).gateways.map((gateway) => {
        let time = 0
        const look = () => {
          const now = say(gateway, time)
          time += 1
          return now === undefined ? { code: 255 } : told(site, gateway, now)
        }
        return [gateway.name, fakeHost({ name: gateway.name, programs: { 'orion-mesh-look': look } })]
      }),
    )
    const [first] = hosts.values()
    assert.ok(first)
    const host: Outside['host'] = async (name) => {
      const found = hosts.get(name)
      if (found) return found.host
      throw new OrionError(name, { code: 'E_SITE' })
    }
    const forget = () => {
      for (const { host } of hosts.values()) host.forget()
    }
    const outside = { ...first.outside, host, forget }
    const probes = tunnelProbes(site, gateways)
    const { probes: seen } = await runProbes(probes, outside, { site: site.name, concurrency: 8, withinMs })
    const states = Object.fromEntries(seen.map(({ id, state }) => [id.replace('tunnel:', ''), state]))
    return { seen, states, calls: [...hosts.values()].map(({ calls }) => calls.length) }
  }

  it('all fresh: each gateway is asked once for all of its links', async () => {
    const { states, calls } = await verify(() => ({ age: 20 }))
    assert.deepEqual([...new Set(Object.values(states))], ['ok'])
    assert.equal(Object.keys(states).length, getMesh(site).links.length)
    assert.deepEqual(calls, [1, 1, 1, 1, 1])
  })

  it('a first handshake is waited for', async () => {
    const { states } = await verify((_, time) => (time < 3 ? {} : { age: 0 }), undefined, 60_000)
    assert.deepEqual([...new Set(Object.values(states))], ['ok'])
  })

  it('one that never comes is not waited for without end', async () => {
    const { seen } = await verify(({ name }) => (name === 'rey-1' ? {} : { age: 20 }))
    assert.match(seen.find(({ id }) => id === 'tunnel:fra-1~rey-1')?.seen ?? '', /never a handshake/)
    assert.equal(seen.find(({ id }) => id === 'tunnel:sin-1~van-1')?.state, 'ok')
  })

  it('a silent gateway is asked once, and none of its links is green', async () => {
    const { states, calls } = await verify(({ name }) => (name === 'van-1' ? undefined : { age: 20 }))
    assert.deepEqual(
      [states['fra-1~van-1'], states['sin-1~van-1'], states['fra-1~kel-1']],
      ['unknown', 'unknown', 'ok'],
    )
    assert.deepEqual(calls, [1, 1, 1, 1, 1])
  })

  it('classical links fail where a preshared key is required, else they are told, and do not spoil the rest', async () => {
    const { mesh } = site
    assert.ok(mesh?.postQuantum)
    const bare = () => ({ age: 20, psk: false })
    assert.deepEqual([...new Set(Object.values((await verify(bare)).states))], ['failed'])
    site = { ...site, mesh: { ...mesh, postQuantum: { ...mesh.postQuantum, required: false } } }
    assert.deepEqual([...new Set(Object.values((await verify(bare)).states))], ['warning'])
  })

  it('only links of the gateways that are asked for', async () => {
    const { states } = await verify(() => ({ age: 20 }), ['sin-1'])
    assert.deepEqual(Object.keys(states).sort(), ['kel-1~sin-1', 'sin-1~van-1'])
  })
})
