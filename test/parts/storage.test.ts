// Storage on several clusters.
import assert from 'node:assert/strict'
import { storage } from '../../src/parts/storage.ts'
import { LOCAL, TANK, testSite } from '../resources/test-site.ts'

const node = (name: string, cluster: string) => ({
  name,
  cluster,
  address: '10.0.0.1',
  ports: {},
  addresses: {},
  ssh: { alsoAt: [] },
  bonds: [],
  bridges: [],
  pinPorts: false,
  packages: [],
  sysctl: {},
  swap: [],
  iommu: { passthrough: false, acsOverride: false, unsafeInterrupts: false },
  isolateCores: false,
  api: { port: 8006 },
})
const SITE = testSite({
  clusters: [
    { name: 'west', isp: [] },
    { name: 'east', isp: [] },
  ],
  nodes: [node('w1', 'west'), node('w2', 'west'), node('e1', 'east')],
  storage: [LOCAL, { ...TANK, nodes: ['w2'] }],
})

describe('parts/storage', () => {
  it('is defined once on each cluster that has one of its nodes', () => {
    const resources = storage.resources(SITE, { restart: false })
    assert.deepEqual(
      resources.map(({ id }) => id),
      ['storage:west/local', 'storage:west/tank', 'storage:east/local'],
    )
    const nodes = resources.map((resource) => resource.diff(undefined).find(({ field }) => field === 'nodes')?.want)
    assert.deepEqual(nodes, [undefined, 'w2', undefined])
  })

  it('is proved as defined on each cluster, and active on each of its nodes', () => {
    assert.deepEqual(
      storage.probes(SITE).map(({ id }) => id),
      [
        ...['west/local', 'west/tank', 'east/local'].map((id) => `as-wanted:storage:${id}`),
        ...['w1/local', 'w2/local', 'e1/local', 'w2/tank'].map((id) => `storage-active:${id}`),
      ],
    )
  })
})
