import assert from 'node:assert/strict'
import { withGuestLock } from '../../src/lab/guest-lock.ts'
import { type Bench, openBench } from './requests.ts'

describe('lab/guest-lock', () => {
  let bench: Bench & { close(): Promise<void> }
  beforeEach(async () => {
    bench = await openBench()
  })
  afterEach(() => bench.close())

  const vm = { vmid: 100, kind: 'qemu' as const }

  it('lets one change after the other', async () => {
    const world = { ...bench.world, pace: 1 }
    let inside = 0
    const change = () =>
      withGuestLock(world, vm, async () => {
        inside += 1
        assert.equal(inside, 1)
        await new Promise((resolve) => setImmediate(resolve))
        inside -= 1
      })
    await Promise.all(Array.from({ length: 20 }, change))
  })

  for (const [kind, file] of [
    ['qemu', '/var/lock/qemu-server/lock-100.conf'],
    ['lxc', '/run/lock/lxc/pve-config-100.lock'],
  ] as const) {
    it(`tells who waits too long: ${kind}`, async () => {
      let release = () => {}
      const held = withGuestLock(
        bench.world,
        vm,
        () =>
          new Promise<void>((resolve) => {
            release = resolve
          }),
      )
      await assert.rejects(
        withGuestLock(bench.world, { vmid: 100, kind }, () => {}),
        {
          status: 500,
          message: `can't lock file '${file}' - got timeout\n`,
        },
      )
      release()
      await held
    })
  }

  it('is free again after a failure', async () => {
    await assert.rejects(
      withGuestLock(bench.world, vm, () => {
        throw new Error('broken')
      }),
      /broken/,
    )
    assert.equal(await withGuestLock(bench.world, vm, () => 7), 7)
  })
})
