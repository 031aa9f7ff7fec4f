// What a node with devices for guests has in its files, for both loaders, and that undoing leaves nothing of it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { earlyScript } from '../../../src/parts/gpu/binding.ts'
import { gpuSet } from '../../../src/parts/gpu/files.ts'
import { parseMachine } from '../../../src/parts/gpu/machine-read.ts'
import { getTarget } from '../../../src/parts/gpu/target.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Device } from '../../../src/site/services.ts'
import type { Node } from '../../../src/site/site.ts'
import { ct, vm } from '../../site/site-builder.ts'
import { GRUB, hive, KERNEL_LINE, LINE, seenOf, textsOf, written } from './gpu-host.ts'
import { card, change, coral, HIVE, plus } from './seen.ts'

const WISH = {}
const EARLY = '/etc/initramfs-tools/scripts/init-top/orion-vfio'
const OPTIONS = '/etc/modprobe.d/orion-vfio.conf'
const DROP_IN = '/etc/default/grub.d/orion.cfg'

function setOf({
  devices,
  parts,
  absent = false,
}: {
  devices?: Device[]
  parts?: Partial<Node>
  absent?: boolean
} = {}) {
  const { site, node } = hive(devices, parts)
  return gpuSet(site, node, { wish: WISH, absent })
}
const makeOf = (seen: HostFacts, given: Parameters<typeof setOf>[0] = {}) => written(seen, setOf(given).files(seen))
const problemsOf = (look: string, given: Parameters<typeof setOf>[0] = {}, files = { [KERNEL_LINE]: LINE }) =>
  setOf(given).problems?.(seenOf({ look, files }))

describe('parts/gpu/files', () => {
  it('systemd-boot: the line of the kernel, and what of it is orion’s', () => {
    const files = textsOf(makeOf(seenOf()))
    assert.equal(files[KERNEL_LINE], `${LINE.trim()} intel_iommu=on initcall_blacklist=sysfb_init\n`)
    assert.equal(files[`${KERNEL_LINE}.before-orion`], LINE)
    assert.match(files['/etc/orion/gpu/cmdline'] ?? '', /^# .*\nintel_iommu=on\ninitcall_blacklist=sysfb_init\n$/)
    assert.equal(files[DROP_IN], undefined)
    assert.match(files['/etc/modules-load.d/orion-vfio.conf'] ?? '', /\nvfio\nvfio_iommu_type1\nvfio_pci\n$/)
  })

  it('GRUB: a drop-in, and not the line, which other installations have, too', () => {
    const files = textsOf(makeOf(seenOf({ look: GRUB })))
    assert.equal(files[KERNEL_LINE], LINE)
    assert.match(
      files[DROP_IN] ?? '',
      /^# .*\nGRUB_CMDLINE_LINUX_DEFAULT="\$GRUB_CMDLINE_LINUX_DEFAULT intel_iommu=on initcall_blacklist=sysfb_init"\n$/,
    )
    const words = execFileSync('sh', [
      '-c',
      `GRUB_CMDLINE_LINUX_DEFAULT='quiet "a b"'\n${files[DROP_IN]}printf %s "$GRUB_CMDLINE_LINUX_DEFAULT"`,
    ])
    assert.equal(String(words), 'quiet "a b" intel_iommu=on initcall_blacklist=sysfb_init')
  })

  it('AMD gets no word for its IOMMU; what weakens the node only by its key', () => {
    const amd = HIVE.replace('GenuineIntel', 'AuthenticAMD')
    const quiet = { ...card, primaryGpu: false }
    assert.equal(textsOf(makeOf(seenOf({ look: amd }), { devices: [quiet] }))[KERNEL_LINE], LINE)
    const iommu = { passthrough: true, acsOverride: true, unsafeInterrupts: true }
    const files = textsOf(makeOf(seenOf({ look: amd }), { devices: [quiet], parts: { iommu } }))
    assert.equal(files[KERNEL_LINE], `${LINE.trim()} iommu=pt pcie_acs_override=downstream,multifunction\n`)
    assert.match(files[OPTIONS] ?? '', /^options vfio_iommu_type1 allow_unsafe_interrupts=1$/m)
    assert.doesNotMatch(textsOf(makeOf(seenOf()))[OPTIONS] ?? '', /unsafe/)
  })

  it('drivers wait for vfio-pci by class and vendor, whatever has the device now; those of the Edge TPU stay away', () => {
    const lines = (textsOf(makeOf(seenOf()))[OPTIONS] ?? '').split('\n').slice(1, -1)
    assert.deepEqual(lines, [
      ...['nouveau', 'nvidia', 'nvidiafb', 'nvidia_drm', 'snd_hda_intel'].map(
        (name) => `softdep ${name} pre: vfio-pci`,
      ),
      'blacklist apex',
      'blacklist gasket',
    ])
    const bound = HIVE.replace(/driver=(nouveau|snd_hda_intel)/g, 'driver=vfio-pci')
    assert.deepEqual(textsOf(makeOf(seenOf({ look: bound }))), textsOf(makeOf(seenOf())))
  })

  it('is as wanted after it was written, and undone it is as before, in the line byte for byte', () => {
    for (const look of [HIVE, GRUB]) {
      const before = seenOf({ look })
      const made = makeOf(before)
      assert.deepEqual(textsOf(makeOf(made)), textsOf(made))
      assert.deepEqual(textsOf(makeOf(made, { absent: true })), textsOf(before))
    }
  })

  it('undoes only its own words after somebody edited the line, and leaves a node alone that has nothing of it', () => {
    const made = makeOf(seenOf())
    const edited = (textsOf(made)[KERNEL_LINE] ?? '')
      .replace('boot=zfs', 'boot=zfs iommu=pt')
      .replace('root=', 'quiet root=')
    const seen = written(made, [{ path: KERNEL_LINE, text: edited }])
    assert.equal(
      textsOf(makeOf(seen, { absent: true }))[KERNEL_LINE],
      'quiet root=ZFS=rpool/ROOT/pve-1 boot=zfs iommu=pt\n',
    )
    const own = seenOf({ files: { [KERNEL_LINE]: 'root=x intel_iommu=on\n' } })
    assert.deepEqual(textsOf(makeOf(own, { absent: true })), textsOf(own))
  })

  it('undo goes on where the node does not tell its devices, or the card was taken out', () => {
    const made = makeOf(seenOf())
    for (const look of ['', HIVE.replace(/^pci 0000:01:00.*\n/gm, '')]) {
      const seen = { ...made, commands: seenOf({ look }).commands }
      const set = setOf({ absent: true })
      assert.deepEqual(set.problems?.(seen), [])
      assert.deepEqual(textsOf(written(seen, set.files(seen))), { [KERNEL_LINE]: LINE })
    }
  })

  it('takes no USB device and nothing of a container from the host', () => {
    const { site, node } = hive([
      { ...card, guest: 'box', standby: [] },
      { ...coral, port: '1-4' },
    ])
    const guests = [ct('box', 300, {}, { node: 'genesis' }), vm('eye', 401, {}, { node: 'genesis' })]
    const files = gpuSet({ ...site, guests }, node, { wish: WISH, absent: false }).files(seenOf())
    assert.doesNotMatch(files.find(({ path }) => path === EARLY)?.text ?? '', /^bind /m)
  })

  const nic = [/^group 16 0000:05:00\.0$/m, 'group 2 0000:05:00.0'] as const
  for (const [name, look, why] of [
    [
      'the network card of the host in the group',
      change(HIVE, [nic]),
      /rtx-3090 would take from the host .*enp5s0 is a port of vmbr0/,
    ],
    ['no such device', HIVE.replace(/^pci 0000:01:00.*\n/gm, ''), /rtx-3090: genesis has no PCI device/],
    ['signs of the loader that disagree', change(HIVE, [[/^loader-info .*$/m, 'loader-info GRUB 2.12']]), /not clear/],
    [
      'an IOMMU that is switched off',
      change(HIVE, [[/^cmdline /m, 'cmdline intel_iommu=off ']]),
      /is told intel_iommu=off/,
    ],
    [
      'no IOMMU though it was asked for',
      HIVE.replace(/^iommu .*\n/gm, '').replace(/^cmdline /m, 'cmdline intel_iommu=on '),
      /switch on VT-d/,
    ],
    ['a node that tells nothing', '', /did not tell/],
    [
      'two cards alike',
      change(HIVE, [plus('pci 0000:0a:00.0 id=10de:2204 class=030000', 'pci 0000:0a:00.1 id=10de:1aef class=040300')]),
      /2 such devices/,
    ],
  ] as const)
    it(`stops at ${name}`, () => assert.match(problemsOf(look)?.join('\n') ?? '', why))

  it('a group that the override is to split stops at nothing before the node started with it, and after that as any other', () => {
    const given = { parts: { iommu: { passthrough: false, acsOverride: true, unsafeInterrupts: false } } }
    const joined = change(HIVE, [nic])
    assert.deepEqual(problemsOf(joined, given), [])
    const started = joined.replace(/^cmdline /m, 'cmdline pcie_acs_override=downstream,multifunction ')
    assert.match(problemsOf(started, given)?.join() ?? '', /enp5s0 is a port of vmbr0/)
  })

  it('stops at a display of the firmware that nobody says to take away', () => {
    const given = { devices: [{ ...card, primaryGpu: false }] }
    assert.match(
      problemsOf(HIVE, given)?.join() ?? '',
      /BOOTFB on 0000:01:00\.0\): primaryGpu: true in devices\.rtx-3090/,
    )
    assert.deepEqual(problemsOf(HIVE.replace(/^iomem .*BOOTFB\n/m, ''), given), [])
  })

  it('stops at a line that would not start, and only where it is used', () => {
    const broken = { [KERNEL_LINE]: 'quiet\nroot=x\n' }
    assert.match(problemsOf(HIVE, {}, broken)?.join() ?? '', /has 2 lines/)
    assert.deepEqual(problemsOf(GRUB, {}, broken), [])
    assert.deepEqual(problemsOf(HIVE), [])
    assert.match(
      setOf()
        .problems?.(seenOf({ files: {} }))
        ?.join() ?? '',
      /there is no \/etc\/kernel\/cmdline/,
    )
  })

  describe('the script of the early start', () => {
    let root: string
    before(() => {
      root = mkdtempSync(join(tmpdir(), 'orion-early-'))
    })
    after(() => rmSync(root, { recursive: true, force: true }))

    const put = (address: string, id: string) => {
      const folder = join(root, 'sys/bus/pci/devices', address)
      mkdirSync(folder, { recursive: true })
      const [vendor, model] = id.split(':')
      for (const [name, text] of [
        ['vendor', `0x${vendor}\n`],
        ['device', `0x${model}\n`],
        ['driver_override', '(null)\n'],
      ] as const)
        writeFileSync(join(folder, name), text)
    }
    const override = (address: string) =>
      readFileSync(join(root, 'sys/bus/pci/devices', address, 'driver_override'), 'utf8').trim()

    it('keeps the functions that are still the same for vfio-pci, and says what it skipped', () => {
      put('0000:01:00.0', '10de:2204')
      put('0000:01:00.1', '8086:1521') // another card by now
      put('0000:0a:00.0', '10de:2204') // one just alike
      const text = (textsOf(makeOf(seenOf()))[EARLY] ?? '')
        .replaceAll('/sys/', `${root}/sys/`)
        .replaceAll('>/dev/kmsg', `>>${root}/kmsg`)
        .replace('modprobe', `echo modprobe >>${root}/kmsg; :`)
      execFileSync('sh', ['-eu', '-c', text, 'orion-vfio'])
      assert.deepEqual(['0000:01:00.0', '0000:01:00.1', '0000:0a:00.0'].map(override), ['vfio-pci', '(null)', '(null)'])
      const log = readFileSync(join(root, 'kmsg'), 'utf8')
      assert.match(
        log,
        /0000:01:00\.1 is 0x8086 0x1521, not 0x10de 0x1aef: skipped\n.*0000:02:00\.0 is not there: skipped\nmodprobe\n/s,
      )
    })

    it('has no needs, so that it comes before udev, and passes shellcheck', () => {
      const text = textsOf(makeOf(seenOf()))[EARLY] ?? ''
      assert.equal(String(execFileSync('sh', ['-c', text, 'orion-vfio', 'prereqs'])), '')
      assert.ok('orion-vfio' < 'udev')
      execFileSync('shellcheck', ['-s', 'sh', '-'], { input: text })
    })

    for (const hostile of [
      { address: '0000:01:00.1;reboot' },
      { address: '' },
      { id: '10de:2204\n' },
      { id: '$(x):2204' },
    ])
      it(`takes none that is not one: ${JSON.stringify(hostile)}`, () => {
        const [one] = getTarget(card, parseMachine(HIVE)).functions
        assert.ok(one && earlyScript([one]))
        assert.throws(() => earlyScript([{ ...one, ...hostile }]), TypeError)
      })
  })
})
