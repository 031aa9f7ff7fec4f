import assert from 'node:assert/strict'
import { labDigest } from '../../../src/lab/mirror.ts'
import { type Bench, openBench, type Row } from '../requests.ts'

const url = 'https://images.example/a/b.qcow2'
const path = '/nodes/n1/storage/data'

describe('lab/routes/content', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const wish = { url, content: 'import', filename: 'b.qcow2' }
  const digest = labDigest(url, 'sha512')
  const fetch = (params: Row = {}) => bench.finish(`POST ${path}/download-url`, { ...wish, ...params })
  const good = { checksum: digest, 'checksum-algorithm': 'sha512' }
  const list = async (params: Row = {}) =>
    ((await bench.send(`GET ${path}/content`, params)) as Row[]).map(({ volid }) => volid)

  it('fetches a file of which the checksum agrees, and finds it right a second time', async () => {
    assert.equal(await fetch(good), 'OK')
    assert.deepEqual(await list({ content: 'import' }), ['data:import/debian.qcow2', 'data:import/b.qcow2'])
    assert.equal(await fetch(good), 'OK')
    assert.match(await fetch(), /^refusing to override existing file/)
    assert.match(await fetch({ ...good, checksum: '00' }), /^mismatch \(got /)
  })

  it('keeps no file of which the checksum does not agree', async () => {
    assert.equal(await fetch({ ...good, checksum: 'ff' }), `checksum mismatch: got '${digest}' != expect 'ff'`)
    assert.deepEqual(await list({ content: 'import' }), ['data:import/debian.qcow2'])
  })

  const refused: [string, Row, string][] = [
    ['data', { filename: 'b.img' }, `400 {"filename":"invalid filename or wrong extension\\n"}`],
    ['data', { content: 'iso', filename: 'b.qcow2' }, `400 {"filename":"wrong file extension\\n"}`],
    [
      'data',
      { checksum: 'ff' },
      `400 {"checksum-algorithm":"missing property - 'checksum' requires this property\\n"}`,
    ],
    ['data', { url: 'ftp://x/b.qcow2' }, '500 invalid https or http URL\n'],
    ['local', {}, "500 storage 'local' is not configured for content-type 'import'\n"],
    ['local-zfs', {}, "500 can't upload to storage type 'zfspool', not a file based storage!\n"],
    ['nope', {}, "500 storage 'nope' does not exist\n"],
  ]
  for (const [storage, params, text] of refused) {
    it(`refuses ${JSON.stringify(params)} on ${storage}`, async () => {
      assert.equal(await bench.refusal(`POST /nodes/n1/storage/${storage}/download-url`, { ...wish, ...params }), text)
    })
  }

  it('is the same storage with other files on another node', async () => {
    await fetch(good)
    const there = (await bench.send('GET /nodes/n2/storage/data/content')) as Row[]
    assert.deepEqual(
      there.map(({ volid }) => volid),
      ['data:import/debian.qcow2'],
    )
  })

  it('makes a volume by itself, and destroys it unless a guest uses it', async () => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100 })
    const volid = await bench.send('POST /nodes/n1/storage/local-zfs/content', {
      vmid: 100,
      filename: 'vm-100-extra',
      size: '1G',
    })
    assert.equal(volid, 'local-zfs:vm-100-extra')
    await bench.send('PUT /nodes/n1/qemu/100/config', { scsi0: volid })
    const remove = `DELETE /nodes/n1/storage/local-zfs/content/${encodeURIComponent(String(volid))}`
    assert.match(await bench.refusal(remove), /it is used by guest 100/)
    await bench.send('PUT /nodes/n1/qemu/100/config', { delete: 'scsi0' })
    await bench.send('PUT /nodes/n1/qemu/100/config', { delete: 'unused0' })
    assert.match(await bench.finish(remove), /does not exist/)
  })
})
