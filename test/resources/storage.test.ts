// Storage definitions: want and have as rows.
import assert from 'node:assert/strict'
import { storage } from '../../src/resources/storage.ts'
import type { Storage } from '../../src/site/site.ts'
import { fakeCluster } from './fake-cluster.ts'
import { LOCAL, TANK } from './test-site.ts'

const HAVE_LOCAL = { storage: 'local', type: 'dir', path: '/var/lib/vz', content: 'vztmpl,import,iso', digest: 'd' }
const HAVE_TANK = { storage: 'tank', type: 'zfspool', pool: 'rpool/data', content: 'images,rootdir', sparse: 1 }

interface Row {
  readonly title: string
  readonly want: Storage
  readonly have: Readonly<Record<string, unknown>>
  readonly differences: readonly string[]
  readonly calls?: readonly string[]
}

const ROWS: readonly Row[] = [
  { title: 'as wanted', want: LOCAL, have: HAVE_LOCAL, differences: [] },
  { title: 'options that the site file does not name', want: TANK, have: HAVE_TANK, differences: [] },
  {
    title: 'a flag as a word',
    want: { ...TANK, options: { pool: 'rpool/data', sparse: 'yes' } },
    have: HAVE_TANK,
    differences: [],
  },
  {
    title: 'a content type that is missing',
    want: LOCAL,
    have: { ...HAVE_LOCAL, content: 'iso' },
    differences: ['content iso→import,iso,vztmpl'],
    calls: ['PUT /storage/local content=import,iso,vztmpl'],
  },
  {
    title: 'a content type too many',
    want: LOCAL,
    have: { ...HAVE_LOCAL, content: 'backup,iso,import,vztmpl' },
    differences: ['content backup,import,iso,vztmpl→import,iso,vztmpl'],
  },
  {
    title: 'nodes',
    want: { ...LOCAL, nodes: ['n2', 'n1'] },
    have: HAVE_LOCAL,
    differences: ['nodes -→n1,n2'],
    calls: ['PUT /storage/local nodes=n1,n2'],
  },
  {
    title: 'all nodes again',
    want: LOCAL,
    have: { ...HAVE_LOCAL, nodes: 'n1' },
    differences: ['nodes n1→-'],
    calls: ['PUT /storage/local delete=nodes'],
  },
  {
    title: 'shared',
    want: { ...LOCAL, shared: true },
    have: HAVE_LOCAL,
    differences: ['shared -→1'],
    calls: ['PUT /storage/local shared=1'],
  },
  {
    title: 'network storage is shared by nature',
    want: { ...LOCAL, type: 'nfs', options: {} },
    have: { ...HAVE_LOCAL, type: 'nfs', shared: 1 },
    differences: [],
  },
  {
    title: 'another path',
    want: { ...LOCAL, options: { path: '/mnt' } },
    have: HAVE_LOCAL,
    differences: ['path /var/lib/vz→/mnt !'],
  },
  {
    title: 'another type',
    want: { ...TANK, type: 'lvmthin', options: {} },
    have: HAVE_TANK,
    differences: ['type zfspool→lvmthin !'],
  },
]

describe('resources/storage', () => {
  for (const { title, want, have, differences, calls = [] } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster({ 'GET /storage': [have] })
      const resource = storage('Lab', want, 'n1')
      const seen = await resource.observe(cluster.outside)
      assert.ok(seen)
      const texts = resource
        .diff(seen)
        .map((one) => `${one.field} ${one.have ?? '-'}→${one.want ?? '-'}${one.immutable ? ' !' : ''}`)
      assert.deepEqual(texts, differences)
      if (calls.length === 0) return
      await resource.update(cluster.outside, seen, cluster.note)
      assert.deepEqual(cluster.writes(), calls)
    })
  }

  it('is added with everything that the site file says', async () => {
    const cluster = fakeCluster({ 'GET /storage': [] })
    const resource = storage('Lab', { ...TANK, nodes: ['n1'] }, 'n1')
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), [
      'POST /storage storage=tank type=zfspool content=images,rootdir pool=rpool/data nodes=n1',
    ])
  })

  it('is never removed', async () => {
    const cluster = fakeCluster({})
    await assert.rejects(storage('Lab', TANK, 'n1').remove(cluster.outside, {}, cluster.note), { code: 'E_IMMUTABLE' })
    assert.deepEqual(cluster.writes(), [])
  })

  describe('with a password', () => {
    const CIFS: Storage = {
      ...LOCAL,
      name: 'nas',
      type: 'cifs',
      options: { server: '10.0.0.9', share: 'pve', username: 'orion' },
      password: { env: 'NAS' },
    }

    it('sends it when it is added, and never shows or compares it', async () => {
      const cluster = fakeCluster({ 'GET /storage': [] })
      let reads = 0
      const secret = async () => {
        reads += 1
        return 'hunter2'
      }
      const outside = { ...cluster.outside, secret }
      const resource = storage('Lab', CIFS, 'n1')
      assert.equal(await resource.observe(outside), undefined)
      assert.deepEqual(resource.diff(undefined).at(-1), { field: 'password', want: '***' })
      await resource.create(outside, cluster.note)
      assert.match(cluster.writes().join(), /^POST \/storage storage=nas type=cifs .*password=hunter2$/)
      assert.equal(reads, 1)
      const have = { storage: 'nas', type: 'cifs', content: CIFS.content.join(','), ...CIFS.options }
      assert.deepEqual(resource.diff(have), [])
    })

    it('one that cannot be read is an error before anything is changed', async () => {
      const cluster = fakeCluster({ 'GET /storage': [] })
      await assert.rejects(storage('Lab', CIFS, 'n1').observe(cluster.outside), { code: 'E_SECRET' })
      assert.deepEqual(cluster.writes(), [])
    })
  })
})
