// A node that joins, over hosts that are said: its progress, what is its own, and its weight under the guard.
import assert from 'node:assert/strict'
import { openJoin } from '../../src/parts/join.ts'
import { PROGRESS_FILE, progressOf, progressText } from '../../src/parts/join-progress.ts'
import { gatewayOf, getMesh } from '../../src/parts/mesh/model.ts'
import { WEIGHT_FILE, weightFile, weightOf } from '../../src/parts/mesh/weight.ts'
import { NOTHING } from '../../src/resources/host-facts.ts'
import type { Mesh } from '../../src/site/services.ts'
import type { Site } from '../../src/site/site.ts'
import { type FakeHost, fakeHost, file } from '../resources/fake-host.ts'
import { gateway, mesh, node, site, storage, vm } from '../site/site-builder.ts'
import { lookText } from './mesh/seen.ts'

const TIMES = { since: '2026-11-21T15:02:10.000Z', at: '2026-11-21T15:04:50.000Z' }
const NOW = { limitMs: 0, everyMs: 1 }
/** The third gateway has no link with rey-1: a node, or a guest of van-2. */
const of = (parts: Partial<Mesh> = {}, third: 'kel-1' | 'router' = 'kel-1'): Site =>
  site({
    nodes: [node('van-1'), node('rey-1', { hardware: { threads: 8 } }), node('van-2'), node('kel-1')],
    storage: [storage('tank', { nodes: ['rey-1'] })],
    guests: [vm('router', 200, {}, { node: 'van-2' })],
    mesh: mesh([gateway('van-1', '10.99.1.1'), gateway('rey-1', '10.99.5.1'), gateway(third, '10.99.6.1')], {
      topology: 'hub',
      hub: 'van-1',
      ...parts,
    }),
  })
const SITE = of()
const WITH_GUEST = of({}, 'router')
const MACHINE = [
  'threads 8',
  'memory 16000000',
  'disk sda 1',
  'nic eno1 1',
  'iommu 0',
  'ntp yes',
  `clock ${Math.round(Date.now() / 1000)}`,
]

/** rey-1; `look`: what its links are like, each time it is asked. */
function rey(
  more: {
    files?: Record<string, string>
    look?: () => string
    machine?: readonly string[]
    /** What the gateways say that are not asked for their links: van-1, kel-1. */
    others?: (name: string) => string
    programs?: Record<string, () => string>
  } = {},
): FakeHost {
  const { gateways } = getMesh(SITE)
  const own = gatewayOf(SITE, 'rey-1') ?? assert.fail()
  const fake = fakeHost({
    name: 'rey-1',
    files: more.files ?? {},
    programs: {
      'node-name': 'rey-1',
      'join-look': (more.machine ?? MACHINE).join('\n'),
      'orion-mesh-look': more.look ?? (() => lookText(gateways, own)),
      'mesh-bird-active': 'active\n',
      'mesh-bird-protocols': '2002-Name Proto Table State Since Info\n',
      'orion-mesh-bird': '',
      ...more.programs,
    },
  })
  const host = async (name: string) => (name === 'rey-1' ? fake.host : other(name, more.others).host)
  return { ...fake, outside: { ...fake.outside, host } }
}

function other(name: string, says = waysOf): FakeHost {
  return fakeHost({ name, programs: { 'orion-mesh-look': () => says(name) } })
}
const waysOf = (name: string, change?: Parameters<typeof lookText>[2]) =>
  lookText(getMesh(SITE).gateways, gatewayOf(SITE, name) ?? assert.fail(), change)
const look = (change: Parameters<typeof lookText>[2]) => () =>
  lookText(getMesh(SITE).gateways, gatewayOf(SITE, 'rey-1') ?? assert.fail(), change)

describe('parts/join', () => {
  it('keeps how far it is, in a file of its own', async () => {
    const host = rey()
    const joining = await openJoin(SITE, host.outside, 'rey-1')
    assert.equal(await joining.progress(), undefined)
    await joining.keep(1)
    const first = await joining.progress()
    await joining.keep(2)
    const second = await joining.progress()
    assert.deepEqual([first?.step, second?.step, second?.since], [1, 2, first?.since])
    assert.ok(host.files.has(PROGRESS_FILE))
  })

  for (const [what, text] of [
    ['of another node', progressText('van-1', { step: 3, ...TIMES })],
    ['of a step that is none', progressText('rey-1', { step: 6, ...TIMES })],
    ['that was cut', progressText('rey-1', { step: 3, ...TIMES }).slice(0, 20)],
    ['that is not ours', 'step 5\nnode\n'],
  ] as const)
    it(`begins anew where there is a file ${what}`, () => {
      assert.equal(progressOf({ ...NOTHING, files: new Map([[PROGRESS_FILE, file(text)]]) }, 'rey-1'), undefined)
    })

  it('refuses a machine that is too small, another one, and one that is silent', async () => {
    const small = await openJoin(SITE, rey({ machine: ['threads 4', ...MACHINE.slice(1)] }).outside, 'rey-1')
    await assert.rejects(small.hardware(), { code: 'E_HOST_FACTS', message: /4 threads, and the site file says 8/ })
    const silent = await openJoin(SITE, rey({ machine: [] }).outside, 'rey-1')
    await assert.rejects(silent.hardware(), { code: 'E_HOST_COMMAND' })
    const other = fakeHost({ name: 'rey-1', programs: { 'node-name': 'kel-1', 'join-look': MACHINE.join('\n') } })
    await assert.rejects(
      (await openJoin(SITE, other.outside, 'rey-1')).hardware(),
      /rey-1 is another machine: it calls itself kel-1/,
    )
    await assert.rejects(openJoin(SITE, rey().outside, 'rey-9'), { code: 'E_USAGE', message: /no node named rey-9/ })
  })

  describe('what is its own', () => {
    const idsOf = async (name: string, step: 'network' | 'services', at = SITE) => {
      const joining = await openJoin(at, { ...rey().outside, host: async () => rey().host }, name)
      const parts = joining[step].flatMap((stage) => stage.parts)
      return {
        made: parts.flatMap((part) => part.resources(at, { restart: false }).map(({ id }) => id)),
        checked: parts.flatMap((part) => part.probes(at).map(({ id }) => id)),
      }
    }
    const placesIn = (ids: readonly string[]) =>
      [
        ...new Set(
          ids.map(
            (id) =>
              id
                .replace(/^as-wanted:/, '')
                .split(':')[1]
                ?.split('/')[0],
          ),
        ),
      ].sort()

    it('is its network, its links with what is at their other ends, and what all other gateways let through', async () => {
      const { made, checked } = await idsOf('rey-1', 'network')
      assert.deepEqual(placesIn(made), ['kel-1', 'rey-1', 'van-1'])
      assert.equal(new Set(made).size, made.length)
      assert.deepEqual(
        made.filter((id) => id.includes(':kel-1/')),
        ['file-set:kel-1/mesh', 'file-set:kel-1/mesh-forwarding', 'file-set:kel-1/mesh-bird'],
      )
      // Whether the others are well is not its business.
      assert.deepEqual(placesIn(checked), ['rey-1', 'rey-1~van-1'])
    })

    it('is its storage and its guests, and not those of others', async () => {
      assert.deepEqual(placesIn((await idsOf('rey-1', 'services')).made), ['test'])
      assert.deepEqual(placesIn((await idsOf('van-2', 'services', WITH_GUEST)).made), [
        'rey-1',
        'router',
        'test',
        'van-1',
        'van-2',
      ])
    })

    it('is not the mesh of a gateway that has not joined itself', async () => {
      const joining = await openJoin(SITE, rey().outside, 'rey-1')
      const made = joining.network
        .flatMap(({ parts }) => parts)
        .flatMap((part) => part.resources(SITE, { restart: false }))
      const bird = made.find(({ id }) => id === 'file-set:kel-1/mesh-bird') ?? assert.fail()
      assert.deepEqual(bird.diff(undefined), [])
    })

    it('is nothing of a mesh where the site has none', async () => {
      const { mesh: _, ...without } = SITE
      assert.deepEqual(placesIn((await idsOf('rey-1', 'network', without)).made), ['rey-1'].slice(1))
    })
  })

  describe('its weight', () => {
    it('is zero before its mesh first comes up, and what it was where it is there', async () => {
      const host = rey()
      const joining = await openJoin(SITE, host.outside, 'rey-1')
      let reads = 0
      const read = () => host.host.once('what the plan saw', async () => ++reads)
      await read()
      await joining.network[0]?.prepare()
      assert.equal(weightOf(host.files.get(WEIGHT_FILE)?.text), 0)
      // Else the weight that no file means would be put in its place.
      assert.equal(await read(), 2)
      const full = rey({ files: { [WEIGHT_FILE]: weightFile(100) } })
      await (await openJoin(SITE, full.outside, 'rey-1')).network[0]?.prepare()
      assert.equal(weightOf(full.files.get(WEIGHT_FILE)?.text), 100)
    })

    it('is not there where the ways are written down, nor on a node without a gateway', async () => {
      const still = await openJoin(of({ routing: 'static' }), rey().outside, 'rey-1')
      assert.deepEqual(still.weights, [])
      const host = rey()
      await (await openJoin(of({ routing: 'static' }), host.outside, 'rey-1')).network[0]?.prepare()
      assert.equal(host.files.has(WEIGHT_FILE), false)
      assert.deepEqual(
        (await openJoin(WITH_GUEST, { ...host.outside, host: async () => host.host }, 'van-2')).weights.length,
        4,
      )
    })

    it('changes under the guard, and stands where every link is well', async () => {
      const host = rey({ files: { [WEIGHT_FILE]: weightFile(0) } })
      const joining = await openJoin(SITE, host.outside, 'rey-1')
      assert.deepEqual(await joining.troubles(), [])
      await joining.setWeight(25, () => {})
      assert.equal(await joining.weight(), 25)
      assert.ok(host.calls.includes('change mesh-weight'))
      assert.deepEqual(host.changes[0]?.check, [['bird', '-p', '-c', '/etc/orion/mesh/bird.conf']])
    })

    it('goes back where a link loses a packet with it', async () => {
      let asked = 0
      const host = rey({
        files: { [WEIGHT_FILE]: weightFile(25) },
        look: () => {
          asked += 1
          return look(() => (asked > 1 ? { received: 4 } : {}))()
        },
      })
      const joining = await openJoin(SITE, host.outside, 'rey-1')
      await assert.rejects(
        joining.setWeight(50, () => {}),
        { code: 'E_ROLLED_BACK', message: /the link with van-1 loses 1 of 5 packets/ },
      )
      assert.equal(await joining.weight(), 25)
    })

    for (const [what, change, why] of [
      ['is not up', { state: 'down' }, /is not up/],
      ['is not there', { state: 'absent' }, /is not up/],
      ['never had a handshake', { handshakeSeconds: undefined }, /had no handshake yet/],
      ['had its last one long ago', { handshakeSeconds: 200 }, /had its last handshake 200 s ago/],
      ['answers nothing', { received: 0 }, /loses 5 of 5/],
      ['has no session', { bgp: 'Active' }, /has no BGP session \(Active\)/],
    ] as const)
      it(`is not touched where a link ${what}`, async () => {
        const host = rey({ look: look(() => change), files: { [WEIGHT_FILE]: weightFile(0) } })
        const joining = await openJoin(SITE, host.outside, 'rey-1', NOW)
        assert.match((await joining.troubles()).join(), why)
        await assert.rejects(
          joining.setWeight(25, () => {}),
          { code: 'E_HOST_FACTS', message: why },
        )
        assert.ok(!host.calls.some((call) => call.startsWith('change')))
      })

    it('waits for links that just came up', async () => {
      let asked = 0
      const host = rey({
        look: () => {
          asked += 1
          return look(() => (asked < 3 ? { handshakeSeconds: undefined } : {}))()
        },
      })
      const joining = await openJoin(SITE, host.outside, 'rey-1', { limitMs: 20_000, everyMs: 1 })
      assert.deepEqual([await joining.troubles(), asked], [[], 3])
    })

    it('is read once no guarded change is open, which may yet put it back', async () => {
      const states = ['1 armed mesh-weight\n', '1 armed mesh-weight\n', '']
      const told: string[] = []
      const host: FakeHost = rey({
        files: { [WEIGHT_FILE]: weightFile(75) },
        programs: {
          'guard-states': () => {
            if (states.length === 2) host.files.set(WEIGHT_FILE, file(weightFile(50)))
            return states.shift() ?? ''
          },
        },
      })
      const tell = async (text: string) => void told.push(text)
      const joining = await openJoin(SITE, { ...host.outside, tell }, 'rey-1')
      assert.equal(await joining.weight(), 50)
      assert.match(told.join(), /^rey-1: .* is changing the host.*; waiting for the end of that$/)
    })

    it('is not raised where a gateway without a link with it has no way to it, or does not tell', async () => {
      const of = async (others: (name: string) => string) =>
        (
          await openJoin(SITE, rey({ others, files: { [WEIGHT_FILE]: weightFile(0) } }).outside, 'rey-1', NOW)
        ).troubles()
      const without = (name: string) => waysOf(name).replaceAll('10.99.5.1', '10.99.5.9')
      assert.deepEqual(await of((name) => (name === 'kel-1' ? without(name) : waysOf(name))), [
        'kel-1 has no way to rey-1',
      ])
      assert.match(
        (await of(() => 'now 1\n')).join(),
        /van-1 does not tell its ways: van-1 did not tell all of its mesh/,
      )
      // Its own joining is still to come.
      assert.deepEqual(await of((name) => waysOf(name, () => (name === 'kel-1' ? { state: 'absent' } : {}))), [])
    })

    it('says where a host tells nothing of its links', async () => {
      const joining = await openJoin(SITE, rey({ look: () => 'now 1\n' }).outside, 'rey-1', NOW)
      assert.deepEqual(await joining.troubles(), ['rey-1 does not tell how its links are'])
    })
  })
})
