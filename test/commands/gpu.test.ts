// orion gpu …, through the built bin: the Hive in the lab, from a card that is the host's to one that moves between guests, and back.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFaults } from './lab-control.ts'
import { BIN, type Ran } from './orion.ts'
import { type Rehearsal, rehearse, siteFile } from './rehearsal.ts'

interface Step {
  readonly id: string
  readonly verb: string
  readonly waits?: readonly { readonly field: string }[]
}
interface Guest {
  readonly status: string
  readonly config: Readonly<Record<string, string | number>>
}
const SLOT = '0000:01:00'
const [BRAIN, DISTRICT] = ['100', '110']

describe('orion gpu in the lab', function () {
  this.timeout(180_000)
  let here: Rehearsal
  const orion = (...args: string[]): Promise<Ran> => here.orion(...args)
  const done = async (...args: string[]): Promise<string> => {
    const { exit, out, err } = await orion(...args)
    assert.equal(exit, 0, out + err)
    return out + err
  }
  const steps = async (...args: string[]): Promise<readonly Step[]> =>
    JSON.parse((await orion(...args, '--json')).out).plan.steps
  const verbs = async (...args: string[]) => [...new Set((await steps(...args)).map(({ verb }) => verb))]
  const waiting = async (...args: string[]) =>
    (await steps(...args)).filter(({ waits = [] }) => waits.length > 0).map(({ id }) => id)
  const doctor = async () => (await orion('gpu', 'doctor', '--node', 'genesis')).exit
  const world = () => JSON.parse(readFileSync(join(here.lab, 'world-hive.json'), 'utf8'))
  const guests = (): Readonly<Record<string, Guest>> => world().guests

  /** The lab writes its state down soon, not at once. */
  const soon = async (check: () => void): Promise<void> => {
    for (const end = Date.now() + 10_000; ; await sleep(50))
      try {
        check()
        return
      } catch (error) {
        if (Date.now() > end) throw error
      }
  }

  /** Which guests run with the card, by what is in force. */
  const holders = () =>
    Object.entries(guests())
      .filter(([, { status, config }]) => status === 'running' && String(config.hostpci0).includes('mapping=rtx-3090'))
      .map(([vmid]) => vmid)

  /** Starts orion and kills it as soon as something is so in the lab. */
  const killed = async (args: readonly string[], isThen: () => boolean): Promise<void> => {
    const words = [BIN, ...args, '--site', siteFile('hive'), '--lab-dir', here.lab]
    const env = { ...process.env, HOME: here.home, XDG_STATE_HOME: join(here.home, 'state'), NO_COLOR: '1' }
    const run = spawn(process.execPath, words, { env, stdio: 'ignore' })
    const ended = once(run, 'exit')
    try {
      while (!isThen()) {
        assert.equal(run.exitCode, null, 'it ended before that')
        await sleep(10)
      }
    } finally {
      run.kill('SIGKILL')
      await ended
    }
  }

  before(async () => {
    here = await rehearse(siteFile('hive'))
    await done('bootstrap', '--yes')
  })
  after(() => here?.leave())

  it('builds everything that needs no restart, and says what the rest waits for', async () => {
    assert.deepEqual(await verbs('bootstrap', 'plan'), ['keep'])
    assert.match(await done('bootstrap', '--yes'), /^Then: .*gpu apply --node genesis --reboot now/m)
    const { out, exit } = await orion('bootstrap', 'plan')
    assert.equal(exit, 0)
    assert.match(out, /gpu apply --node genesis --reboot now/)
    const { out: proof, exit: proven } = await orion('verify')
    assert.equal(proven, 0, proof)
    assert.match(proof, /gpu apply --node genesis --reboot now/)
    assert.deepEqual(holders(), [])
    await soon(() => assert.equal(guests()[BRAIN]?.status, 'stopped'))
  })

  it('the doctor tells what is not so, and which command mends it', async () => {
    const { exit, out } = await orion('gpu', 'doctor')
    assert.equal(exit, 3)
    assert.match(out, /nouveau has 0000:01:00\.0/)
    assert.match(out, /BOOTFB/)
    assert.match(out, /gpu apply --node genesis --reboot now/)
    assert.match(out, /IOMMU group 11\n.*PCI bridge.*\n.*10de:2204.*\n.*10de:1aef/)
    assert.equal((await orion('gpu', 'doctor', '--json')).exit, 3)
  })

  it('restarts only where that is asked for', async () => {
    const { boot } = world().hosts.genesis
    await done('gpu', 'apply', '--yes')
    assert.equal(world().hosts.genesis.boot.id, boot.id)
    assert.equal(await doctor(), 3)
  })

  it('a node that comes back without its bridges gets its old files again', async () => {
    await setFaults(here.lab, [{ match: { command: '^start without bridges$' }, action: { code: 1 } }])
    const { exit, out, err } = await orion('gpu', 'apply', '--node', 'genesis', '--reboot', 'now', '--yes')
    assert.equal(exit, 4, out + err)
    assert.match(out + err, /the bridge vmbr0 is not there/)
    await soon(() => assert.ok(!String(world().hosts.genesis.files['/etc/kernel/cmdline'].text).includes('iommu')))
    await setFaults(here.lab, [])
  })

  it('restarts the node, is killed meanwhile, and the next run ends it: everything is as the site file says', async () => {
    const apply = ['gpu', 'apply', '--node', 'genesis', '--reboot', 'now', '--yes']
    await setFaults(here.lab, [{ match: { command: '^orion-reboot confirm' }, action: { delay: 4000 } }])
    await killed(apply, () => world().hosts.genesis.reboot?.state === 'booted')
    await setFaults(here.lab, [])
    await done(...apply)
    assert.equal(await doctor(), 0)
    assert.deepEqual(await verbs('gpu', 'plan'), ['keep'])
    // Proxmox VE's own watchdog daemon has the watchdog: only the operator can change that.
    assert.deepEqual(await waiting('bootstrap', 'plan'), ['file-set:genesis/watchdog'])
    await done('verify')
    await soon(() => assert.deepEqual(holders(), [BRAIN]))
  })

  it('moves the card to a standby and back, and twice is once', async () => {
    await done('gpu', 'move', 'rtx-3090', 'district', '--yes')
    await soon(() => assert.deepEqual([holders(), guests()[BRAIN]?.status], [[DISTRICT], 'stopped']))
    assert.match((await orion('verify')).out, /gpu move rtx-3090 brain/)
    assert.deepEqual(await verbs('bootstrap', 'plan'), ['keep'], 'a move is the operator’s')
    await done('gpu', 'move', 'rtx-3090', 'brain', '--yes')
    await soon(() => assert.deepEqual(holders(), [BRAIN]))
    const again = await orion('gpu', 'move', 'rtx-3090', 'brain', '--yes', '--json')
    assert.deepEqual([again.exit, JSON.parse(again.out).plan.steps[0].verb], [0, 'keep'])
  })

  const KILLS: [string, object[], () => boolean][] = [
    [
      'the old guest was stopped',
      [{ match: { command: '^orion-pci-check', times: 0 }, action: { delay: 4000 } }],
      () => guests()[BRAIN]?.status === 'stopped',
    ],
    [
      'the new one has the card, and is not started',
      [{ match: { task: `^qmstart:${DISTRICT}$` }, action: { slowTask: 4000 } }],
      () => String(guests()[DISTRICT]?.config.hostpci0).includes('rtx-3090'),
    ],
  ]
  for (const [when, faults, isThen] of KILLS) {
    it(`a move that is killed when ${when} ends well with the next run, and never two have the card`, async () => {
      await setFaults(here.lab, faults)
      await killed(['gpu', 'move', 'rtx-3090', 'district', '--yes'], isThen)
      assert.ok(holders().length < 2)
      await setFaults(here.lab, [])
      await done('gpu', 'move', 'rtx-3090', 'district', '--yes')
      await soon(() => assert.deepEqual(holders(), [DISTRICT]))
      await done('gpu', 'move', 'rtx-3090', 'brain', '--yes')
      await soon(() => assert.deepEqual(holders(), [BRAIN]))
    })
  }

  it('a card that does not come back leaves the guest without it, and says so', async () => {
    const lost = { match: { command: `^lost device ${SLOT}$` }, action: { code: 1 } }
    const stays = { match: { command: `^rescan ${SLOT}$`, times: 0 }, action: { code: 1 } }
    await setFaults(here.lab, [lost, stays])
    const { exit, out, err } = await orion('gpu', 'move', 'rtx-3090', 'district', '--yes')
    assert.equal(exit, 1, out + err)
    await soon(() => assert.deepEqual([holders(), guests()[DISTRICT]?.status], [[], 'running']))
    await setFaults(here.lab, [])
  })

  const wrong: [string, string[], RegExp][] = [
    ['a device that is not there', ['move', 'rtx-4090', 'brain'], /rtx-4090.*rtx-3090/s],
    ['a guest that it is not for', ['move', 'rtx-3090', 'council'], /council/],
    ['a guest that is not there', ['move', 'rtx-3090', 'brian'], /brian/],
    ['a node that is not there', ['doctor', '--node', 'exodus'], /exodus/],
    ['no word of a restart', ['apply', '--reboot', 'soon'], /soon/],
  ]
  for (const [what, args, says] of wrong) {
    it(`refuses ${what}`, async () => {
      const { exit, out, err } = await orion('gpu', ...args, ...(args[0] === 'doctor' ? [] : ['--yes']))
      assert.equal(exit, 2, out + err)
      assert.match(err, says)
    })
  }

  it('takes away exactly what it brought, also from a guest that a move brought it to', async () => {
    await done('gpu', 'move', 'rtx-3090', 'district', '--yes')
    await done('gpu', 'undo', '--node', 'genesis', '--reboot', 'now', '--yes')
    await soon(() => {
      const { files, pci } = world().hosts.genesis
      assert.equal(pci[`${SLOT}.0`].driver, 'nouveau')
      assert.equal(files['/etc/kernel/cmdline'].text, 'root=ZFS=rpool/ROOT/pve-1 boot=zfs\n')
      const left = Object.keys(files).filter((path) => /orion-vfio|before-orion|orion\/gpu/.test(path))
      assert.deepEqual(left, [])
      assert.deepEqual([guests()[DISTRICT]?.config.hostpci0, guests()[DISTRICT]?.config.balloon], [undefined, 4096])
    })
    assert.deepEqual(await verbs('gpu', 'undo', '--node', 'genesis', '--dry-run'), ['keep'])
  })
})
