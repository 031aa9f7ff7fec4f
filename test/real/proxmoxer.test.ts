// python3-proxmoxer, the library that most scripts for Proxmox VE are written with, works on the lab.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { needs, PYTHON } from '../setup.ts'
import { run } from './program.ts'
import { clientEnvironment, type Rehearsal, startRehearsal } from './rehearsal.ts'

const SCRIPT = fileURLToPath(new URL('guests.py', import.meta.url))

describe('python3-proxmoxer', function () {
  this.timeout(120_000)
  let lab: Rehearsal
  before(async function () {
    await needs(this, ['proxmoxer'])
    lab = await startRehearsal()
  })
  after(() => lab?.close())

  interface Refusal {
    readonly status: number
    readonly text: string
  }
  // Untyped on purpose: this is what another program printed.
  type Seen = Record<string, string & Refusal & Record<string, unknown>>

  async function day(extra: Record<string, string> = {}): Promise<Seen> {
    const { code, stdout, stderr } = await run(PYTHON, [SCRIPT], {
      env: { ...clientEnvironment(lab), ...extra },
    })
    assert.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }

  const logins: [string, () => Record<string, string>][] = [
    ['by token', () => ({})],
    ['by password', () => ({ LAB_PASSWORD: lab.access.rootPassword })],
  ]
  for (const [title, extra] of logins) {
    it(`makes, changes, starts and deletes guests ${title}`, async () => {
      const seen = await day(extra())
      const tasks = ['create', 'resize', 'start', 'stop', 'delete'].map((task) => seen[`vm ${task}`])
      assert.deepEqual(tasks, ['OK', 'OK', 'OK', 'OK', 'OK'])
      assert.deepEqual(
        ['create', 'start', 'stop', 'delete'].map((task) => seen[`ct ${task}`]),
        ['OK', 'OK', 'OK', 'OK'],
      )
      assert.equal(seen['vm null'], null)
      assert.equal(seen['vm config']?.memory, '2048')
      assert.equal(String(seen['vm config']?.description).trim(), 'made by a snake: ä & ö')
      assert.match(String(seen['vm config']?.scsi0), /^local-zfs:vm-901-disk-0,size=8G$/)
      assert.equal(seen['vm running']?.status, 'running')
      assert.equal((seen['vm listed'] as unknown as unknown[]).length, 1)
      assert.equal(seen['ct config']?.memory, 512)
      assert.equal(seen['ct running'], 'running')
      assert.match(String(seen['ct no template']), /none\.tar\.zst/)
    })

    it(`is refused as by a real one ${title}`, async () => {
      const seen = await day(extra())
      assert.equal(seen['vm again']?.status, 500)
      assert.match(seen['vm again']?.text ?? '', /VM 901 already exists on node/)
      assert.equal(seen['vm delete running']?.status, 500)
      assert.match(seen['vm delete running']?.text ?? '', /VM 901 is running/)
      assert.equal(seen['vm gone']?.status, 500)
      assert.match(seen['vm gone']?.text ?? '', /does not exist/)
      assert.equal(seen['unknown parameter']?.status, 400)
      // proxmoxer 1.2 does not pass the errors per parameter on.
      assert.match(seen['unknown parameter']?.text ?? '', /^Parameter verification failed/)
      assert.equal(seen['wrong values']?.status, 400)
      assert.equal(seen['unknown node']?.status, 500)
      assert.equal(seen['unknown path']?.status, 501)
      assert.equal(seen['missing pool']?.status, 500)
    })
  }
})
