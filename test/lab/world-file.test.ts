import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorldState } from '../../src/lab/world.ts'
import { newWorldState, openWorld, renewHardware } from '../../src/lab/world-file.ts'
import { benchOf, hardware } from './requests.ts'

describe('lab/world-file', () => {
  let dir: string
  let file: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'orion-world-'))
    file = join(dir, 'world.json')
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('keeps everything between two openings, for nobody else to read', async () => {
    const world = await openWorld(file, hardware(), { pace: 0 })
    await benchOf(world).finish('POST /nodes/n1/qemu', { vmid: 100, name: 'a', scsi0: 'local-zfs:1' })
    // As JSON: the records of the state have no prototype.
    const plain = ({ serial: _, ...state }: WorldState): unknown => JSON.parse(JSON.stringify(state))
    const before = plain(world.state)
    await world.close()
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const again = await openWorld(file, hardware(), { pace: 0 })
    assert.deepEqual(plain(again.state), before)
    await again.close()
  })

  it('ends a task that was running when the process died; the half-made guest keeps its lock', async () => {
    const state = newWorldState(hardware())
    const upid = 'UPID:n1:00001001:00000001:00000001:qmcreate:100:root@pam:'
    const task = { upid, node: 'n1', type: 'qmcreate', id: '100', user: 'root@pam', startMs: 1, log: [] }
    const guest = {
      vmid: 100,
      kind: 'qemu' as const,
      node: 'n1',
      status: 'stopped' as const,
      config: { lock: 'create' },
      pending: {},
    }
    await writeFile(file, JSON.stringify({ ...state, tasks: { [upid]: task }, guests: { 100: guest } }))
    const world = await openWorld(file, hardware(), { pace: 0 })
    assert.match(world.state.tasks[upid]?.exit ?? '', /^interrupted/)
    assert.equal(world.state.guests['100']?.config.lock, 'create')
    await world.close()
  })

  it('stops what runs when it closes, and writes how that ended', async () => {
    const world = await openWorld(file, hardware(), { pace: 1000 })
    const upid = String(await benchOf(world).send('POST /nodes/n1/qemu', { vmid: 100 }))
    await world.close()
    const kept = JSON.parse(await readFile(file, 'utf8')) as typeof world.state
    assert.equal(kept.tasks[upid]?.exit, 'unable to create VM 100 - interrupted by signal')
    assert.deepEqual(kept.guests, {})
  })

  it('writes no more once it is closed, whatever still goes on in its process', async () => {
    const world = await openWorld(file, hardware(), { pace: 0 })
    await sleep(400) // Until the first write is over and none is planned.
    await world.close()
    const kept = await readFile(file, 'utf8')
    world.state.pools.late = {}
    world.changed()
    await sleep(400)
    assert.equal(await readFile(file, 'utf8'), kept)
  })

  it('adds what changed hardware has, and takes no guest away', async () => {
    const world = await openWorld(file, hardware(), { pace: 0 })
    await benchOf(world).finish('POST /nodes/n2/qemu', { vmid: 100 })
    const [first] = hardware().nodes
    assert.ok(first)
    renewHardware(world, hardware({ nodes: [{ ...first, bridges: ['vmbr9'] }], volumes: ['local:iso/new.iso'] }))
    assert.deepEqual(Object.keys(world.state.guests), ['100'])
    assert.deepEqual(world.state.hardware.nodes[0]?.bridges, ['vmbr9'])
    assert.equal(world.state.volumes.filter(({ volid }) => volid === 'local:iso/new.iso').length, 1)
    assert.equal(world.state.volumes.filter(({ volid }) => volid === 'local:iso/tool.iso').length, 2)
    await world.close()
  })

  for (const name of ['constructor', '__proto__']) {
    it(`knows nothing called ${name} until somebody makes it, and then keeps it`, async () => {
      const open = async () => {
        const world = await openWorld(file, hardware(), { pace: 0 })
        return { world, bench: benchOf(world) }
      }
      const made: [path: string, params: Record<string, unknown>][] = [
        ['/pools', { poolid: name }],
        ['/access/roles', { roleid: name }],
        ['/storage', { storage: name, type: 'dir', path: '/x' }],
        ['/cluster/mapping/pci', { id: name, map: [] }],
        ['/nodes/n1/network', { iface: name, type: 'bridge' }],
      ]
      const first = await open()
      for (const [path, params] of made) {
        assert.match(await first.bench.refusal(`GET ${path}/${name}`), /^500 .*(does not exist|not found)/, path)
        await first.bench.send(`POST ${path}`, params)
      }
      await first.world.close()
      const second = await open()
      for (const [path] of made) assert.equal(await second.bench.refusal(`GET ${path}/${name}`), 'no refusal', path)
      await second.world.close()
    })
  }

  it('says so when the file is no JSON', async () => {
    await writeFile(file, '{')
    await assert.rejects(openWorld(file, hardware(), { pace: 0 }), SyntaxError)
  })
})
