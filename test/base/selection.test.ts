// --only: patterns, and what they pull in.
import assert from 'node:assert/strict'
import { toMatcher } from '../../src/base/pattern.ts'
import { refuseUnknownGateways, refuseUnknownNodes, selectProbes, selectResources } from '../../src/base/selection.ts'
import type { Probe, Resource, ResourceId } from '../../src/resource.ts'
import type { Site } from '../../src/site/site.ts'

const resource = (id: ResourceId, title: string, needs: ResourceId[] = []): Resource => ({
  id,
  title,
  needs,
  observe: async () => undefined,
  diff: () => [],
  create: async () => {},
  update: async () => {},
  remove: async () => {},
})

const site = [
  resource('storage:orion/local', 'local'),
  resource('image:r730/debian-13', 'debian-13', ['storage:orion/local']),
  resource('vm:r730/200', 'router', ['image:r730/debian-13']),
  resource('vm:r730/601', 'k3s-worker-1', ['image:r730/debian-13']),
  resource('container:r730/1005', 'redis'),
]

const ROWS: [patterns: string[], ids: string[]][] = [
  [[], ['local', 'debian-13', 'router', 'k3s-worker-1', 'redis']],
  [['redis'], ['redis']],
  [['router'], ['local', 'debian-13', 'router']],
  [['200'], ['local', 'debian-13', 'router']],
  [['k3s-*'], ['local', 'debian-13', 'k3s-worker-1']],
  [['vm:*'], ['local', 'debian-13', 'router', 'k3s-worker-1']],
  [['REDI?'], ['redis']],
  [
    ['redis', 'local'],
    ['local', 'redis'],
  ],
]

describe('base/selection', () => {
  for (const [patterns, titles] of ROWS) {
    it(`--only ${patterns.join(' ') || '(nothing)'} means ${titles.join(', ')}`, () => {
      assert.deepEqual(
        selectResources(site, patterns).map(({ title }) => title),
        titles,
      )
    })
  }

  it('takes everything but * and ? literally', () => {
    const matches = toMatcher(['a.b(c'])
    assert.equal(matches('vm:x/1', 'a.b(c'), true)
    assert.equal(matches('vm:x/1', 'aXb(c'), false)
  })

  it('refuses a node that the site does not have, and names those it has', () => {
    const nodes = ['n1', 'n2'].map((name) => ({ name }))
    const one = { name: 'a', nodes } as unknown as Site
    refuseUnknownNodes(one, undefined)
    refuseUnknownNodes(one, ['n2'])
    const wrong = { code: 'E_USAGE', message: /n3/, suggestions: ['nodes are named n1, n2'] }
    assert.throws(() => refuseUnknownNodes(one, ['n1', 'n3']), wrong)
  })

  it('refuses a gateway that the mesh does not have, also where there is no mesh', () => {
    const gateways = ['van-1', 'kel-1'].map((name) => ({ name }))
    const one = { name: 'a', nodes: [], mesh: { gateways } } as unknown as Site
    refuseUnknownGateways(one, ['kel-1'])
    const wrong = { code: 'E_USAGE', message: /no gateway named n3/, suggestions: ['gateways are named van-1, kel-1'] }
    assert.throws(() => refuseUnknownGateways(one, ['n3']), wrong)
    const bare = { name: 'a', nodes: [] } as unknown as Site
    refuseUnknownGateways(bare)
    assert.throws(() => refuseUnknownGateways(bare, ['n3']), { code: 'E_USAGE', suggestions: [] })
  })

  it('refuses what fits nothing, and names what there is', () => {
    assert.throws(() => selectResources(site, ['ruoter']), {
      code: 'E_USAGE',
      message: /ruoter.*did you mean "router"/,
    })
    const probe: Probe = { id: 'a', title: 'b', run: async () => ({ state: 'ok', expected: '', seen: '' }) }
    assert.throws(() => selectProbes([probe], ['c']), { code: 'E_USAGE' })
    assert.deepEqual(selectProbes([probe], ['b']), [probe])
    const wanted = { ...probe, id: 'as-wanted:vm:r730/200' }
    assert.deepEqual(selectProbes([wanted], ['vm:r730/200']), [wanted])
  })
})
