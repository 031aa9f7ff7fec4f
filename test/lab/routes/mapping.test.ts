import assert from 'node:assert/strict'
import { type Bench, openBench, type Row } from '../requests.ts'

const entry = 'node=n1,path=0000:01:00,id=10de:1234'

describe('lab/routes/mapping', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
    await bench.send('POST /cluster/mapping/pci', { id: 'gpu0', map: [entry], description: 'card' })
  })
  afterEach(() => bench.close())

  it('is listed with what each node lacks, changed, and goes', async () => {
    const list = async (node: string) => {
      const rows = (await bench.send('GET /cluster/mapping/pci', { 'check-node': node })) as Row[]
      return rows.map(({ checks, ...row }) => ({ ...row, problems: (checks as Row[]).length }))
    }
    assert.deepEqual(await list('n1'), [{ id: 'gpu0', description: 'card', map: [entry], problems: 0 }])
    assert.equal((await list('n2'))[0]?.problems, 1)
    const other = entry.replace('n1', 'n2')
    await bench.send('PUT /cluster/mapping/pci/gpu0', { map: [other], delete: 'description' })
    assert.deepEqual(await bench.send('GET /cluster/mapping/pci/gpu0'), { map: [other] })
    await bench.send('DELETE /cluster/mapping/pci/gpu0')
    assert.deepEqual(await bench.send('GET /cluster/mapping/pci'), [])
  })

  it('refuses an update without a map, a second one of a name, and one that is not there', async () => {
    assert.match(
      await bench.refusal('PUT /cluster/mapping/pci/gpu0', { description: 'x' }),
      /^500 Can't use an undefined/,
    )
    assert.match(
      await bench.refusal('POST /cluster/mapping/pci', { id: 'gpu0', map: [entry] }),
      /^500 .*already exists/,
    )
    assert.match(await bench.refusal('GET /cluster/mapping/usb/gpu0'), /^500 mapping 'gpu0' not found/)
  })

  const starts: [string, string][] = [
    ['n1', 'OK'],
    ['n2', "No PCI device mapping 'gpu0' found on node 'n2'"],
  ]
  for (const [node, exit] of starts) {
    it(`lets a VM on ${node} start with it: ${exit}`, async () => {
      await bench.finish(`POST /nodes/${node}/qemu`, { vmid: 100, hostpci0: 'mapping=gpu0' })
      assert.equal(await bench.finish(`POST /nodes/${node}/qemu/100/status/start`), exit)
    })
  }

  it('may be named before it is there, and is missed at the start', async () => {
    await bench.finish('POST /nodes/n1/qemu', { vmid: 100, hostpci0: 'mapping=none' })
    assert.match(await bench.finish('POST /nodes/n1/qemu/100/status/start'), /mapping not found for 'none'$/)
  })
})
