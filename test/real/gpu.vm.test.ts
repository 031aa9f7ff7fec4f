// Proof on a machine with an IOMMU and a GRUB of its own: a card goes to vfio-pci by its address and comes back, through real restarts.
// What a host does that comes back without its network: test/resources/host-reboot.vm.test.ts, on hosts that restart in seconds.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { withGuests } from '../hosts/qemu.ts'
import { FUNCTIONS, type GpuStage, makeGpuStage, OTHER } from './gpu-stage.ts'

/** An emulated machine takes its time for early images and restarts, and more while others work. */
const LIMIT_MS = 900_000
const [DISPLAY, AUDIO] = FUNCTIONS
const BEFORE = { [DISPLAY]: 'bochs-drm', [AUDIO]: 'snd_hda_intel', [OTHER]: 'snd_hda_intel' }
const GIVEN = { [DISPLAY]: 'vfio-pci', [AUDIO]: 'vfio-pci', [OTHER]: 'snd_hda_intel' }
const WORDS = ['iommu=pt', 'initcall_blacklist=sysfb_init']

const APPLY = ['gpu', 'apply', '--yes', '--reboot', 'now']
const UNDO = ['gpu', 'undo', '--yes', '--reboot', 'now']

describe('a graphics card of a real machine', function () {
  this.timeout(LIMIT_MS)
  this.slow(LIMIT_MS)
  let stage: GpuStage
  /** Before anything was done. */
  let etc: string
  before(async function () {
    await withGuests(this, 'gpu')
    this.timeout(LIMIT_MS)
    stage = await makeGpuStage(LIMIT_MS)
    etc = await stage.files()
  })
  after(() => stage?.leave())

  it('before: the host has it, and the doctor says what is missing', async () => {
    const { drivers, orion } = stage
    assert.deepEqual(await drivers(), BEFORE)
    const ran = await orion(['gpu', 'doctor'])
    assert.equal(ran.exit, 3, ran.out + ran.err)
    assert.match(ran.out, /✖ {2}8 {2}binding/)
    assert.match(ran.out, /✔ {2}6 {2}group/)
  })

  it('given to vfio-pci, also where orion is killed while the node restarts: the other card stays', async () => {
    const { guest, orion, drivers } = stage
    const before = await guest.bootId()
    const kill = new AbortController()
    const killed = orion(APPLY, kill.signal)
    const isArmed = async () => (await guest.exec(['test', '-e', '/var/lib/orion/reboot/is-armed'])).code !== 1
    const isOver = killed.then(() => true)
    // Each look is a connection of its own, which costs an emulated machine seconds.
    while (!(await isArmed()) && !(await Promise.race([isOver, sleep(5000)]))) {}
    kill.abort()
    assert.equal((await killed).exit, -1, (await killed).out)
    const second = await guest.restarted(before)
    const ran = await orion(APPLY)
    assert.equal(ran.exit, 0, ran.out + ran.err)
    assert.equal(await guest.bootId(), second, 'it restarted once')
    assert.deepEqual(await drivers(), GIVEN)
    const line = await guest.must(['cat', '/proc/cmdline'])
    for (const word of WORDS) assert.ok(line.split(/\s/).includes(word), line)
    assert.match(await guest.must(['dmesg']), /orion-vfio: 0000:02:00\.0 is kept for vfio-pci/)
  })

  it('the doctor finds nothing wrong, and a second run changes nothing', async () => {
    const { guest, orion } = stage
    const doctor = await orion(['gpu', 'doctor'])
    assert.equal(doctor.exit, 0, doctor.out + doctor.err)
    const before = await guest.bootId()
    const ran = await orion(APPLY)
    assert.equal(ran.exit, 0, ran.out + ran.err)
    assert.match(ran.out, /0 to create, 0 to change/)
    assert.equal(await guest.bootId(), before)
  })

  it('undo: the host has it again, and no file of ours is left', async () => {
    const { drivers, files, guest, orion } = stage
    const ran = await orion(UNDO)
    assert.equal(ran.exit, 0, ran.out + ran.err)
    assert.deepEqual(await drivers(), BEFORE)
    // Line by line, so that a failure names the files.
    const [was, is] = [etc, await files()].map((text) => text.split('\n')) as [string[], string[]]
    assert.deepEqual([was.filter((line) => !is.includes(line)), is.filter((line) => !was.includes(line))], [[], []])
    const line = await guest.must(['cat', '/proc/cmdline'])
    for (const word of WORDS) assert.ok(!line.includes(word), line)
  })
})
