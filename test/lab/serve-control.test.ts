// The lab's own endpoints beside the API: faults, the mirror, the end.
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../../src/lab/serve.ts'
import type { Hardware } from '../../src/lab/world.ts'
import { form, newFolder, removeFolder, type Sent, send, startLab } from './lab-site.ts'

describe('lab/serve-control', () => {
  let dir: string
  let lab: Lab
  beforeEach(async () => {
    dir = await newFolder()
    lab = await startLab(dir)
  })
  afterEach(async () => {
    await lab.close()
    await removeFolder(dir)
  })
  const control = (path: string, { headers, ...sent }: Sent = {}) =>
    send(lab, path, { ...sent, base: '/lab', headers: { 'x-lab-secret': lab.access.secret, ...headers } })

  for (const path of ['/status', '/faults', '/close']) {
    it(`${path} needs the secret`, async () => {
      for (const method of ['GET', 'POST']) {
        assert.equal((await send(lab, path, { method, base: '/lab' })).status, 401)
        assert.equal((await control(path, { method, headers: { 'x-lab-secret': 'guess' } })).status, 401)
      }
    })
  }

  it('says which process it is, and knows nothing else', async () => {
    assert.deepEqual((await control('/status')).json, { pid: process.pid })
    assert.equal((await control('/nothing')).status, 501)
  })

  it('takes faults over its own endpoint, for tasks too', async () => {
    const headers = { 'x-lab-secret': lab.access.secret, 'content-type': 'application/json' }
    const post = (rule: unknown) =>
      send(lab, '/lab/faults', { method: 'POST', body: JSON.stringify(rule), headers, base: '' })
    assert.equal((await post({ match: { task: '^qmcreate:321$' }, action: { failTask: 'no luck' } })).status, 200)
    assert.equal((await post({ match: {}, action: 'explode' })).status, 400)
    const { json: made } = await send(lab, '/nodes/pve1/qemu', form({ vmid: '321' }))
    const { json: task } = await send(lab, `/nodes/pve1/tasks/${encodeURIComponent(String(made.data))}/status`)
    assert.match((task.data as { exitstatus: string }).exitstatus, /no luck$/)
  })

  it('answers sums files for the images it knows', async () => {
    const url = encodeURIComponent('https://images.example/b/SHA256SUMS')
    const { text } = await send(lab, `/mirror?url=${url}&file=x.img`, { base: '/lab', anonymous: true })
    assert.match(text, /^[0-9a-f]{64} {2}x\.img\n$/)
    assert.equal((await send(lab, '/mirror?url=nonsense', { base: '/lab', anonymous: true })).status, 400)
  })

  it('takes changed hardware, unless it is another cluster, node or version', async () => {
    const file = join(dir, 'hardware.json')
    const [before] = JSON.parse(await readFile(file, 'utf8')) as Hardware[]
    const renew = async (change: Partial<Hardware>) => {
      await writeFile(file, JSON.stringify([{ ...before, ...change }]))
      return (await control('/hardware', { method: 'POST' })).json
    }
    assert.deepEqual(await renew({ version: '8.4.14' }), { renewed: false })
    assert.deepEqual(await renew({ cluster: 'other' }), { renewed: false })
    const nodesOf = (...names: string[]) =>
      names.map((name) => ({ name, threads: 8, memoryMib: 4096, bridges: ['vmbr0'] }))
    // A node more is an SSH server more: a new process has it.
    assert.deepEqual(await renew({ nodes: nodesOf('pve1', 'pve2') }), { renewed: false })
    assert.deepEqual(await renew({ nodes: nodesOf('pve1') }), { renewed: true })
    const { data } = (await send(lab, '/nodes')).json
    assert.deepEqual(
      (data as { node: string; maxcpu: number }[]).map(({ node, maxcpu }) => [node, maxcpu]),
      [['pve1', 8]],
    )
  })

  it('ends, once it has answered', async () => {
    assert.equal((await control('/close', { method: 'POST' })).status, 200)
    await lab.closed
    await assert.rejects(control('/status'))
  })
})
