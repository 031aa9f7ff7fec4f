// What the Keeper does beside temperatures: who is killed first where memory runs out, and disks that are about to fail.
import assert from 'node:assert/strict'
import { makeStage, type Stage } from './stage.ts'

const attribute = (id: number, value: number) => ({ id, name: 'x', raw: { value, string: String(value) } })
const ata = (reallocated: number, pending: number, passed = true) => ({
  model_name: 'Disk\n1',
  serial_number: 'S1',
  smart_status: { passed },
  temperature: { current: 34 },
  ata_smart_attributes: { table: [attribute(5, reallocated), attribute(197, pending), attribute(194, 150323855394)] },
})
const nvme = (critical_warning: number, percentage_used: number) => ({
  model_name: 'Fast',
  serial_number: 'N1',
  smart_status: { passed: true, nvme: { value: 0 } },
  temperature: { current: 41 },
  nvme_smart_health_information_log: { critical_warning, percentage_used },
})

/** What smartctl prints, one check after the other, and the reasons after each. */
const disks: readonly (readonly [name: string, seen: readonly unknown[], reasons: readonly (readonly string[])[]])[] = [
  ['a sound disk', [ata(0, 0), ata(0, 0)], [[], []]],
  ['a disk with old, quiet wounds', [ata(8, 2), ata(8, 2)], [[], []]],
  [
    'a disk whose wounds grow',
    [ata(8, 0), ata(9, 0), ata(9, 0)],
    [[], ['9 reallocated sectors, and growing'], ['9 reallocated sectors, and growing']],
  ],
  ['a disk that doubts itself', [ata(0, 0), ata(0, 4)], [[], ['4 pending sectors, and growing']]],
  ['a disk whose own test fails', [ata(0, 0, false)], [['its own test says that it fails']]],
  ['a sound NVMe', [nvme(0, 99)], [[]]],
  ['an NVMe with a warning', [nvme(4, 3)], [['critical warning 4']]],
  ['an NVMe at its end', [nvme(0, 100)], [['100 % of its life used']]],
  ['a disk without SMART', [{}], [[]]],
  ['a smartctl that prints no JSON', ['Segmentation fault'], [[]]],
  [
    'hostile answers',
    [{ smart_status: [], ata_smart_attributes: { table: [1, {}, { id: 5 }, { id: 5, raw: { value: 'x' } }] } }],
    [[]],
  ],
]

describe('orion-keeper beside temperatures', function () {
  this.timeout(30_000)
  let stage: Stage
  beforeEach(() => {
    stage = makeStage({ config: { smartEverySeconds: 60 } })
  })
  afterEach(() => stage.close())

  for (const [name, seen, reasons] of disks)
    it(`judges ${name}`, async () => {
      stage.put('sys/block/sda/device/model', 'x')
      const told: (readonly string[])[] = []
      for (const [index, answer] of seen.entries()) {
        stage.put('fake/smart.sda', typeof answer === 'string' ? answer : JSON.stringify(answer))
        if (index === 0) await stage.start()
        else await stage.turn(13)
        const disk = stage.status().disks[0]
        assert.equal(disk?.failing, (disk?.reasons.length ?? 0) > 0)
        told.push(disk?.reasons ?? ['none'])
      }
      assert.deepEqual(told, reasons)
      const failing = (reasons.at(-1)?.length ?? 0) > 0
      await stage.turn()
      assert.deepEqual(
        stage.status().alarms.map(({ code, subject }) => `${code} ${subject}`),
        failing ? ['disk /dev/sda'] : [],
      )
      const metric = `orion_keeper_disk_failing{disk="/dev/sda"} ${failing ? 1 : 0}\n`
      assert.ok(stage.read('var/lib/metrics/orion-keeper.prom').includes(metric))
    })

  it('knows a failing disk after a restart, and asks only disks', async () => {
    for (const name of ['sda', 'loop0', 'sr0']) stage.put(`sys/block/${name}/x`, '')
    stage.put('sys/block/sda/device/model', 'x')
    stage.put('sys/block/sr0/device/model', 'x')
    stage.put('sys/block/sr0/removable', '1\n')
    stage.put('fake/smart.sda', JSON.stringify(ata(1, 0)))
    await stage.start()
    await stage.kill()
    stage.put('fake/smart.sda', JSON.stringify(ata(2, 0)))
    await stage.start()
    assert.equal(stage.read('fake/asked'), 'smartctl -j -i -H -A /dev/sda\n'.repeat(2))
    const { disk, failing, readable } = stage.status().disks[0] ?? {}
    assert.deepEqual([disk, failing, readable], ['/dev/sda', true, true])
    const { model, celsius } = JSON.parse(stage.read('run/orion-keeper/status.json')).disks[0]
    assert.deepEqual([model, celsius], ['Disk 1', 34])
    stage.put('sys/block/sda', undefined)
    await stage.turn(14)
    assert.deepEqual([stage.status().disks, stage.status().alarms], [[], []])
  })

  it('is not held up by a container that makes groups without end', async () => {
    const pids = Array.from({ length: 1500 }, (_, at) => 5000 + at)
    for (const pid of pids) {
      stage.put(`sys/fs/cgroup/lxc/300/wide/g${pid}/cgroup.procs`, `${pid}\n`)
      stage.put(`proc/${pid}/oom_score_adj`, '0\n')
    }
    stage.put('sys/fs/cgroup/lxc/300/cgroup.procs', '2300\n')
    stage.put('proc/2300/oom_score_adj', '0\n')
    await stage.start()
    assert.equal(stage.read('proc/2300/oom_score_adj').trim(), '890')
    const walked = pids.filter((pid) => stage.read(`proc/${pid}/oom_score_adj`).trim() === '890').length
    assert.ok(walked > 900 && walked < 1000, `${walked} of its groups`)
  })

  it('has those killed first that are shed first, and leaves what a process of a container chose', async () => {
    const score = (pid: number, value: number | string) => stage.put(`proc/${pid}/oom_score_adj`, `${value}\n`)
    for (const [vmid, pid] of [
      [110, 1110],
      [101, 1101],
      [200, 1200],
      [100, 1100],
      [999, 1999],
    ] as const) {
      stage.put(`run/qemu-server/${vmid}.pid`, `${pid}\n`)
      stage.put(`proc/${pid}/cmdline`, `/usr/bin/kvm\0-pidfile\0/var/run/qemu-server/${vmid}.pid\0-daemonize\0`)
      score(pid, vmid === 110 ? -900 : 0)
    }
    stage.put('run/qemu-server/120.pid', '../../etc\n')
    // The guest is gone, and its number is somebody else's.
    stage.put('run/qemu-server/130.pid', '1130\n')
    stage.put('proc/1130/cmdline', '/usr/sbin/sshd\0-D\0')
    score(1130, -1000)
    stage.put('sys/fs/cgroup/lxc/300/cgroup.procs', '')
    stage.put('sys/fs/cgroup/lxc/300/ns/init.scope/cgroup.procs', '2300\n2301\n')
    stage.put('sys/fs/cgroup/lxc/300/ns/gone/cgroup.procs', '2302\n')
    score(2300, 0)
    score(2301, -1000)
    await stage.start()
    const scores = [1110, 1101, 1200, 1100, 1999, 1130, 2300, 2301].map((pid) =>
      Number(stage.read(`proc/${pid}/oom_score_adj`)),
    )
    assert.deepEqual(scores, [900, 880, -400, -200, -200, -1000, 890, -1000])
    score(1110, 0)
    await stage.turn(13)
    assert.equal(stage.read('proc/1110/oom_score_adj').trim(), '900')
  })
})
