// What guests need, and how many images a site fetches.
import assert from 'node:assert/strict'
import { oneGuest, vm } from '../../src/parts/vm.ts'
import type { Site, Storage } from '../../src/site/site.ts'
import { LOCAL, TANK, testGuest, testSite } from '../resources/test-site.ts'

const NO = { restart: false }
const NODES = ['n1', 'n2'].map((name) => ({
  name,
  cluster: 'Lab',
  address: `10.0.0.${name[1]}`,
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
}))

function twoNodes(local: Storage): Site {
  const guests = [
    testGuest({ image: 'debian' }),
    testGuest({ name: 'db', vmid: 101, node: 'n2', image: 'debian' }),
    testGuest({ name: 'ct', vmid: 102, kind: 'ct', image: 'debian-ct' }),
  ]
  return testSite({ nodes: NODES, guests, storage: [local, TANK] })
}

const ids = (site: Site) => vm.resources(site, NO).map(({ id, needs }) => [id, ...needs].join(' '))

describe('parts/vm', () => {
  it('fetches an image on every node that has guests of it', () => {
    assert.deepEqual(ids(twoNodes(LOCAL)), [
      'image:n1/debian storage:Lab/local',
      'image:n2/debian storage:Lab/local',
      'image:n1/debian-ct storage:Lab/local',
      'vm:n1/100 image:n1/debian storage:Lab/tank',
      'vm:n2/101 image:n2/debian storage:Lab/tank',
      'container:n1/102 image:n1/debian-ct storage:Lab/tank',
    ])
  })

  it('fetches an image once where it lies on shared storage', () => {
    assert.deepEqual(ids(twoNodes({ ...LOCAL, type: 'nfs', shared: true })).slice(0, 4), [
      'image:n1/debian storage:Lab/local',
      'image:n1/debian-ct storage:Lab/local',
      'vm:n1/100 image:n1/debian storage:Lab/tank',
      'vm:n2/101 image:n1/debian storage:Lab/tank',
    ])
  })

  it('a guest needs its pool and every storage that it is put on', () => {
    const guest = testGuest({ pool: 'prod', storage: 'tank', disks: [{ storage: 'local', sizeGib: 1 }] })
    assert.deepEqual(ids(testSite({ guests: [guest] })), [
      'pool:Lab/prod',
      'vm:n1/100 storage:Lab/local storage:Lab/tank pool:Lab/prod',
    ])
  })

  it('one guest comes alone', () => {
    const [only, ...rest] = oneGuest('db').resources(twoNodes(LOCAL), NO)
    assert.deepEqual([only?.id, only?.needs, rest], ['vm:n2/101', [], []])
    assert.throws(() => oneGuest('nobody').resources(twoNodes(LOCAL), NO), { code: 'E_USAGE' })
  })

  it('proves each image once, each guest twice, what waits once per node, orphans and pools once per cluster', () => {
    assert.equal(vm.probes(twoNodes(LOCAL)).length, 3 + 2 * 3 + 2 + 2)
  })
})
