// Images: found, fetched once, checked, or named in an error.
import assert from 'node:assert/strict'
import { makePlan } from '../../src/engine/plan.ts'
import { OrionError } from '../../src/errors.ts'
import { image } from '../../src/resources/image.ts'
import type { Image, Site } from '../../src/site/site.ts'
import { type Answers, type FakeOptions, fakeCluster } from './fake-cluster.ts'
import { LOCAL, testSite } from './test-site.ts'

const CONTENT = 'GET /nodes/n1/storage/local/content'
const TASKS = 'GET /nodes/n1/tasks'
const URL_ = 'https://images.example.net/a/debian.qcow2'
const SUMS = 'https://images.example.net/a/SHA256SUMS'
const HEX = 'ab'.repeat(32)

const CLOUD: Image = { name: 'debian', kind: 'url', url: URL_ }
const SUMMED: Image = { ...CLOUD, checksum: { kind: 'sums', url: SUMS } }

function withImage(one: Image, storage: Site['storage'] = [LOCAL]): Site {
  return testSite({ images: [one], storage })
}

const PLAN = { site: 'lab', concurrency: 1 }

interface Row {
  readonly title: string
  readonly image: Image
  readonly answers: Answers
  readonly options?: FakeOptions
  /** `there`, `absent`, or the code of the error. */
  readonly seen: string
  /** What create() does, where it is absent. */
  readonly calls?: readonly string[]
  readonly warnings?: number
}

const POST = 'POST /nodes/n1/storage/local/download-url'

const ROWS: readonly Row[] = [
  {
    title: 'a cloud image that is there',
    image: CLOUD,
    answers: { [CONTENT]: [{ volid: 'local:import/debian.qcow2' }] },
    seen: 'there',
  },
  {
    title: 'a cloud image without a checksum',
    image: CLOUD,
    answers: { [CONTENT]: [], [TASKS]: [] },
    seen: 'absent',
    calls: [`${POST} content=import filename=debian.qcow2 url=${URL_}`, `task ${POST}`],
    warnings: 1,
  },
  {
    title: 'a cloud image with a sums file',
    image: SUMMED,
    answers: { [CONTENT]: [], [TASKS]: [] },
    options: { texts: { [SUMS]: `${HEX}  debian.qcow2` } },
    seen: 'absent',
    calls: [
      `${POST} content=import filename=debian.qcow2 url=${URL_} checksum=${HEX} checksum-algorithm=sha256`,
      `task ${POST}`,
    ],
  },
  { title: 'a sums file that cannot be read', image: SUMMED, answers: { [CONTENT]: [] }, seen: 'E_IMAGE' },
  {
    title: 'a sums file is not read for an image that is there',
    image: SUMMED,
    answers: { [CONTENT]: [{ volid: 'local:import/debian.qcow2' }] },
    seen: 'there',
  },
  {
    title: 'Proxmox VE 8.3 cannot import',
    image: CLOUD,
    answers: { [CONTENT]: [] },
    options: { version: '8.3.5' },
    seen: 'E_IMAGE',
  },
  {
    title: 'Proxmox VE 8.4 can',
    image: CLOUD,
    answers: { [CONTENT]: [] },
    options: { version: '8.4.14' },
    seen: 'absent',
  },
  { title: 'a storage that is not there yet', image: CLOUD, answers: {}, seen: 'absent' },
  {
    title: '.img becomes .qcow2',
    image: { ...CLOUD, kind: 'url', url: 'https://x.example.net/noble.img' },
    answers: { [CONTENT]: [{ volid: 'local:import/noble.qcow2' }] },
    seen: 'there',
  },
  {
    title: 'an older template that fits is enough',
    image: { name: 'ct', kind: 'template', template: 'debian-13-standard' },
    answers: { [CONTENT]: [{ volid: 'local:vztmpl/debian-13-standard_13.0-1_amd64.tar.zst' }] },
    seen: 'there',
  },
  {
    title: 'a template of the index',
    image: { name: 'ct', kind: 'template', template: 'debian-13-standard' },
    answers: {
      [CONTENT]: [],
      [TASKS]: [],
      'GET /nodes/n1/aplinfo': [
        { template: 'debian-13-standard_13.1-2_amd64.tar.zst' },
        { template: 'debian-13-standard_13.1-10_amd64.tar.zst' },
      ],
    },
    seen: 'absent',
    calls: [
      'POST /nodes/n1/aplinfo storage=local template=debian-13-standard_13.1-10_amd64.tar.zst',
      'task POST /nodes/n1/aplinfo',
    ],
  },
  {
    title: 'a template that the index does not have',
    image: { name: 'ct', kind: 'template', template: 'plan9' },
    answers: { [CONTENT]: [], 'GET /nodes/n1/aplinfo': [] },
    seen: 'E_IMAGE',
  },
  {
    title: 'a volume that is there',
    image: { name: 'v', kind: 'volume', volume: 'local:9000/base.qcow2' },
    answers: { [CONTENT]: [{ volid: 'local:9000/base.qcow2' }] },
    seen: 'there',
  },
  {
    title: 'a volume that is not',
    image: { name: 'v', kind: 'volume', volume: 'local:9000/base.qcow2' },
    answers: { [CONTENT]: [] },
    seen: 'E_IMAGE',
  },
  {
    title: 'a disk inside of an appliance',
    image: { name: 'v', kind: 'volume', volume: 'local:import/a.ova/disk-1.vmdk' },
    answers: { [CONTENT]: [{ volid: 'local:import/a.ova' }] },
    seen: 'there',
  },
  {
    title: 'a storage that is not for this node yet',
    image: CLOUD,
    answers: {
      [CONTENT]: () => {
        throw new OrionError("storage 'local' is not available on node 'n1'", { code: 'E_PVE_ANSWER' })
      },
    },
    seen: 'absent',
  },
  {
    title: 'a storage that does not answer',
    image: CLOUD,
    answers: {
      [CONTENT]: () => {
        throw new OrionError("image debian: storage 'local' is not online", { code: 'E_PVE_ANSWER' })
      },
    },
    seen: 'E_PVE_ANSWER',
  },
  {
    title: 'an ISO without its drivers',
    image: { name: 'w', kind: 'iso', iso: 'local:iso/w.iso', drivers: 'local:iso/virtio.iso' },
    answers: { [CONTENT]: [{ volid: 'local:iso/w.iso' }] },
    seen: 'E_IMAGE',
  },
]

describe('resources/image', () => {
  for (const { title, image: one, answers, options, seen, calls = [], warnings = 0 } of ROWS) {
    it(title, async () => {
      const cluster = fakeCluster(answers, options)
      const resource = image(withImage(one), one.name, 'n1', [])
      const found = resource.observe(cluster.outside)
      if (seen.startsWith('E_'))
        return void (await assert.rejects(found, { code: seen, message: new RegExp(`image ${one.name}`) }))
      const have = await found
      assert.equal(have === undefined ? 'absent' : 'there', seen)
      assert.equal(resource.diff(have).length === 0, seen === 'there')
      if (calls.length === 0) return
      await resource.create(cluster.outside, cluster.note)
      assert.deepEqual(cluster.writes(), calls)
      assert.equal(cluster.news.filter(({ kind }) => kind === 'warning').length, warnings)
    })
  }

  it('a plan shows the digest that the download is checked against, and reads the sums file once', async () => {
    let reads = 0
    const cluster = fakeCluster({ [CONTENT]: [], [TASKS]: [] })
    const outside = {
      ...cluster.outside,
      text: async () => {
        reads += 1
        return `${HEX}  debian.qcow2`
      },
    }
    const site = withImage(SUMMED)
    const resource = image(site, 'debian', 'n1', [])
    const shown = resource.diff(await resource.observe(outside)).find(({ field }) => field === 'checksum')
    assert.equal(shown?.want, `sha256:${HEX} from ${SUMS}`)
    await image(site, 'debian', 'n1', []).observe(outside)
    await resource.create(outside, cluster.note)
    assert.equal(reads, 1)
  })

  for (const [title, text] of [
    ['a sums file that does not name the image', `${HEX}  other.qcow2`],
    ['a sums file that is a web page', '<html>404</html>'],
  ] as const)
    it(`${title} is an error of the plan`, async () => {
      const cluster = fakeCluster({ [CONTENT]: [] }, { texts: { [SUMS]: text } })
      const { steps } = await makePlan([image(withImage(SUMMED), 'debian', 'n1', [])], cluster.outside, PLAN)
      assert.deepEqual([steps[0]?.verb, steps[0]?.problem?.code], ['problem', 'E_IMAGE'])
    })

  it('a plan shows the very template', async () => {
    const cluster = fakeCluster({
      [CONTENT]: [],
      'GET /nodes/n1/aplinfo': [{ template: 'debian-13-standard_13.1-2_amd64.tar.zst' }],
    })
    const resource = image(withImage({ name: 'ct', kind: 'template', template: 'debian-13' }), 'ct', 'n1', [])
    const [first] = resource.diff(await resource.observe(cluster.outside))
    assert.equal(first?.want, 'debian-13-standard_13.1-2_amd64.tar.zst')
  })

  it('waits for a download that runs already, and fetches nothing twice', async () => {
    const state = { done: false }
    const cluster = fakeCluster({
      [CONTENT]: () => (state.done ? [{ volid: 'local:import/debian.qcow2' }] : []),
      [TASKS]: () => {
        state.done = true
        return [
          { type: 'download', id: 'debian.qcow2', upid: 'UPID:n1:running' },
          { type: 'download', id: 'other.qcow2', upid: 'UPID:n1:other' },
          { type: 'download', id: 'debian.qcow2', upid: 'UPID:n1:ended', endtime: 5 },
        ]
      },
    })
    const resource = image(withImage(CLOUD), 'debian', 'n1', [])
    assert.equal(await resource.observe(cluster.outside), undefined)
    await resource.create(cluster.outside, cluster.note)
    assert.deepEqual(cluster.writes(), ['task running'])
  })

  it('has no place where no storage takes its content', () => {
    assert.throws(() => image(withImage(CLOUD, [{ ...LOCAL, content: ['iso'] }]), 'debian', 'n1', []), {
      code: 'E_IMAGE',
      message: /import/,
    })
    assert.throws(() => image(withImage(CLOUD, [{ ...LOCAL, nodes: ['n2'] }]), 'debian', 'n1', []), {
      code: 'E_IMAGE',
      message: /n1/,
    })
  })

  it('is never removed', async () => {
    const cluster = fakeCluster({})
    await assert.rejects(
      image(withImage(CLOUD), 'debian', 'n1', []).remove(cluster.outside, { volids: [] }, cluster.note),
      { code: 'E_IMMUTABLE' },
    )
  })
})
