import assert from 'node:assert/strict'
import { needsNesting, systemOf } from '../../../src/lab/appliance.ts'
import { type Bench, openBench, type Row } from '../requests.ts'

describe('lab/routes/appliance', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench({ volumes: [] })
  })
  afterEach(() => bench.close())

  const fetch = (template: string) => bench.finish('POST /nodes/n1/aplinfo', { storage: 'local', template })

  it('lists several versions of a template', async () => {
    const rows = (await bench.send('GET /nodes/n1/aplinfo')) as Row[]
    assert.ok(rows.filter((row) => row.package === 'debian-13-standard').length > 1)
    for (const row of rows) assert.match(String(row.sha512sum), /^[0-9a-f]{128}$/)
  })

  it('fetches every one that it lists, and finds it there a second time', async () => {
    for (const { template } of (await bench.send('GET /nodes/n1/aplinfo')) as Row[]) {
      assert.equal(await fetch(String(template)), 'OK')
      assert.equal(await fetch(String(template)), 'OK')
    }
    const content = (await bench.send('GET /nodes/n1/storage/local/content', { content: 'vztmpl' })) as Row[]
    assert.equal(new Set(content.map(({ volid }) => volid)).size, content.length)
  })

  it('knows no other', async () => {
    const wish = { storage: 'local', template: 'x' }
    assert.equal(await bench.refusal('POST /nodes/n1/aplinfo', wish), `400 {"template":"no such template\\n"}`)
  })

  for (const [volid, os, nesting] of [
    ['local:vztmpl/debian-13-standard_13.1-2_amd64.tar.zst', 'debian', true],
    ['local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz', 'alpine', false],
    ['local:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst', 'ubuntu', true],
    ['local:vztmpl/rockylinux-9-default_20240912_amd64.tar.xz', 'centos', true],
    ['local:vztmpl/own.tar.gz', 'unmanaged', false],
  ] as const) {
    it(`${volid} is ${os}`, () => {
      const system = systemOf(volid)
      assert.deepEqual([system.os, needsNesting(system)], [os, nesting])
    })
  }
})
