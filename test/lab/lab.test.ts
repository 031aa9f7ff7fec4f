// The life of a lab: one for all openers, kept between processes, begun anew on request, gone when idle.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { makeHostFaults } from '../../src/lab/host/host-faults.ts'
import { findLab, hardwareOf, type LabAccess, openLab, prepareLab, stopLab } from '../../src/lab/lab.ts'
import { serveLab } from '../../src/lab/serve.ts'
import type { Hardware, WorldState } from '../../src/lab/world.ts'
import { form, newFolder, removeFolder, send, site, startLab } from './lab-site.ts'

const program = fileURLToPath(new URL('serve-process.ts', import.meta.url))
// The processes' working folder is not this one: node finds tsx from here only by its whole path.
const serve = [process.execPath, '--import', createRequire(import.meta.url).resolve('tsx'), program]

async function untilGone(pid: number): Promise<void> {
  for (let round = 0; round < 500; round++) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await sleep(20)
  }
  assert.fail(`process ${pid} still runs`)
}

/** The lab writes its world down soon after a change, not with it; a file that is there is a whole one. */
async function untilKept(file: string, pool: string): Promise<void> {
  const isKept = async () => Object.hasOwn((JSON.parse(await readFile(file, 'utf8')) as WorldState).pools, pool)
  for (const end = Date.now() + 15_000; !(await isKept().catch(() => false)); await sleep(20))
    assert.ok(Date.now() < end, `${file} has no pool ${pool}`)
}

describe('lab', () => {
  let dir: string
  const pids = new Set<number>()
  const openHere = async (fresh = false, version?: string): Promise<LabAccess> => {
    const access = await openLab({ site, dir, fresh, serve, pace: 0, ...(version ? { version } : {}) })
    pids.add(access.pid)
    return access
  }
  beforeEach(async () => {
    dir = await newFolder()
  })
  afterEach(async () => {
    await stopLab(dir).catch(() => undefined)
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    pids.clear()
    await removeFolder(dir)
  })

  it('gives two openers at once the same process, and the next one too', async () => {
    const [first, second] = await Promise.all([openHere(), openHere()])
    assert.deepEqual(first, second)
    assert.deepEqual(await openHere(), first)
    assert.deepEqual(await findLab(dir), first)
  })

  it('keeps state, secrets, certificate and port when the process is killed', async () => {
    const first = await openHere()
    const fake = {
      access: first,
      faults: {},
      hostFaults: makeHostFaults(() => {}),
      close: async () => {},
      closed: Promise.resolve(),
    }
    assert.equal((await send(fake, '/pools', form({ poolid: 'kept' }))).status, 200)
    await untilKept(join(dir, 'world-small.json'), 'kept')
    process.kill(first.pid, 'SIGKILL')
    await untilGone(first.pid)
    const second = await openHere()
    assert.notEqual(second.pid, first.pid)
    assert.deepEqual({ ...second, pid: 0 }, { ...first, pid: 0 })
    const { json } = await send({ ...fake, access: second }, '/pools')
    assert.deepEqual(json.data, [{ poolid: 'kept' }])
  })

  it('takes the place of a process of an older orion, which served no hosts', async () => {
    const old = await openHere()
    const { hosts: _, identityFile: __, knownHosts: ___, ...rest } = old
    await writeFile(join(dir, 'lab.json'), JSON.stringify(rest))
    const next = await openHere()
    assert.notEqual(next.pid, old.pid)
    assert.deepEqual(next.hosts, old.hosts)
    await untilGone(old.pid)
  })

  it('begins anew with fresh, and with another version', async () => {
    const first = await openHere()
    const second = await openHere(true)
    await untilGone(first.pid)
    assert.notEqual(second.clusters.small?.token.secret, first.clusters.small?.token.secret)
    const third = await openHere(false, '8')
    assert.notEqual(third.pid, second.pid)
    const lab = {
      access: third,
      faults: {},
      hostFaults: makeHostFaults(() => {}),
      close: async () => {},
      closed: Promise.resolve(),
    }
    assert.match((await send(lab, '/version')).text, /"version":"8\.4/)
  })

  it('touches no folder that is not its own', async () => {
    await writeFile(join(dir, 'thesis.txt'), 'mine')
    await assert.rejects(openHere(true), { code: 'E_LAB' })
    assert.deepEqual(await readdir(dir), ['thesis.txt'])
  })

  it('takes over the lock of an opener that died', async () => {
    await writeFile(join(dir, '.orion-lab'), '')
    await writeFile(join(dir, 'lock'), '999999999')
    await openHere()
    assert.equal((await readdir(dir)).includes('lock'), false)
  })

  it('says why its process did not start', async () => {
    const broken = [process.execPath, '-e', 'console.error("no such wind"); process.exit(3)', '--']
    await assert.rejects(openLab({ site, dir, fresh: false, serve: broken }), (error: Error) => {
      assert.match(error.message, /ended with code 3\nno such wind/)
      return true
    })
  })

  it('lets nobody else read its files', async () => {
    dir = join(dir, 'inner')
    await openHere()
    assert.equal((await stat(dir)).mode & 0o777, 0o700)
    for (const name of await readdir(dir)) {
      assert.equal((await stat(join(dir, name))).mode & 0o077, 0, name)
    }
  })

  it('is made ready for a process that serves it itself, after the one that served it', async () => {
    const first = await openHere()
    await prepareLab({ site, dir, fresh: false })
    await untilGone(first.pid)
    const lab = await serveLab({ dir, pace: 0 })
    assert.deepEqual({ ...lab.access, pid: 0 }, { ...first, pid: 0 })
    assert.deepEqual(await openHere(), lab.access)
    pids.delete(process.pid)
    await lab.close()
  })

  it('ends when nobody asks any more, its state saved', async () => {
    await startLab(dir).then((lab) => lab.close())
    const lab = await serveLab({ dir, pace: 0, idleSeconds: 0.3 })
    await send(lab, '/pools', form({ poolid: 'saved' }))
    await lab.closed
    assert.match(await readFile(join(dir, 'world-small.json'), 'utf8'), /"saved"/)
    assert.equal((await readdir(dir)).includes('lab.json'), false)
  })

  it('ends at once with tasks running, changes waiting for a lock, and a connection that never got to TLS', async () => {
    await startLab(dir).then((lab) => lab.close())
    const lab = await serveLab({ dir, pace: 1 })
    lab.faults.small?.add({ match: { task: '^qmcreate' }, action: { slowTask: 600_000 } })
    const made = await send(lab, '/nodes/pve1/qemu', form({ vmid: '100' }))
    const waiting = send(lab, '/nodes/pve1/qemu/100/config', form({ cores: '2' }, 'PUT')).catch(() => 'lost')
    const silent = connect(Object.values(lab.access.clusters)[0]?.port ?? 0, '127.0.0.1')
    await once(silent, 'connect')
    silent.on('error', () => undefined)
    await sleep(50)
    const ended = await Promise.race([lab.close().then(() => 'ended'), sleep(5000, 'hangs', { ref: false })])
    silent.destroy()
    assert.equal(ended, 'ended')
    assert.equal(await waiting, 'lost')
    const kept = JSON.parse(await readFile(join(dir, 'world-small.json'), 'utf8')) as WorldState
    assert.match(kept.tasks[String(made.json.data)]?.exit ?? '', /interrupted/)
    assert.deepEqual(kept.guests, {})
  })

  it('ends without a save where its folder has gone, and nothing breaks', async () => {
    const lab = await startLab(dir)
    await removeFolder(dir)
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    void lab.close()
    await lab.closed
    await sleep(50)
    process.off('unhandledRejection', note)
    assert.deepEqual(unhandled, [])
    await assert.rejects(lab.close(), { code: 'ENOENT' })
  })

  it('serves nothing where no hardware is written down', async () => {
    await mkdir(join(dir, 'empty'))
    await assert.rejects(serveLab({ dir: join(dir, 'empty') }), { code: 'E_LAB' })
  })
})

describe('hardwareOf', () => {
  const withoutSlots = ({ nodes, ...rest }: Hardware) => ({
    ...rest,
    nodes: nodes.map(({ pci: _, usb: __, paths: ___, ...node }) => node),
  })

  it('takes bridges, images and volumes from the site', () => {
    assert.deepEqual(hardwareOf(site).map(withoutSlots), [
      {
        cluster: 'small',
        version: '9.1.4',
        nodes: [
          {
            name: 'pve1',
            threads: 32,
            memoryMib: 65_536,
            bridges: ['vmbr0'],
            ports: ['eno1'],
            uplink: 'eno1',
            address: '192.0.2.1',
          },
        ],
        storage: [],
        volumes: ['local:iso/win.iso', 'local:iso/virtio.iso'],
        images: [{ url: 'https://images.example/a/debian.qcow2', sums: 'https://images.example/a/SHA512SUMS' }],
      },
    ])
  })
  it('has every bridge of the site where it is asked to be built', () => {
    assert.deepEqual(hardwareOf(site, '9', { built: true })[0]?.nodes[0]?.bridges, ['vmbr0', 'vmbr1'])
  })
  it('knows the newest of each version line', () => {
    assert.equal(hardwareOf(site, '8')[0]?.version, '8.4.14')
    assert.equal(hardwareOf(site, '9.0.3')[0]?.version, '9.0.3')
  })
})
