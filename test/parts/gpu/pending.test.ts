// What is in the files of a node and not in force: named before the restart, nothing after it, and the opposite on the way back.
import assert from 'node:assert/strict'
import { gpuSet } from '../../../src/parts/gpu/files.ts'
import { getPending } from '../../../src/parts/gpu/pending.ts'
import { getRestartProblems, gpuReboot } from '../../../src/parts/gpu/reboot.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Node } from '../../../src/site/site.ts'
import { GRUB, hive, KERNEL_LINE, LINE, seenOf, written } from './gpu-host.ts'
import { BOUND } from './seen.ts'

const pendingOf = (seen: HostFacts, { absent = false, parts = {} as Partial<Node> } = {}) => {
  const { site, node } = hive(undefined, parts)
  return getPending(site, node, absent, seen).map(({ field, have = '', want = '' }) => `${field}: ${have} → ${want}`)
}
const made = (seen: HostFacts, absent = false) => {
  const { site, node } = hive()
  return written(seen, gpuSet(site, node, { wish: {}, absent }).files(seen))
}
const as = (seen: HostFacts, look: string): HostFacts => ({ ...seen, commands: seenOf({ look }).commands })

describe('parts/gpu/pending', () => {
  const ALL = [
    'kernel command line:  → intel_iommu=on',
    'kernel command line:  → initcall_blacklist=sysfb_init',
    'module vfio: not loaded → loaded',
    'module vfio_iommu_type1: not loaded → loaded',
    'module vfio_pci: not loaded → loaded',
    '0000:01:00.0 driver: nouveau → vfio-pci',
    '0000:01:00.0 framebuffer: BOOTFB → none',
    '0000:01:00.1 driver: snd_hda_intel → vfio-pci',
    '0000:02:00.0 driver: none → vfio-pci',
  ]

  it('is the same before and after the files are written, and nothing after the restart', () => {
    assert.deepEqual(pendingOf(seenOf()), ALL)
    assert.deepEqual(pendingOf(made(seenOf())), ALL)
    assert.deepEqual(pendingOf(as(made(seenOf()), BOUND)), [])
  })

  it('names one function that did not bind, and a framebuffer that stayed', () => {
    const stuck = BOUND.replace(/^(pci 0000:01:00\.1 .*)driver=vfio-pci/m, '$1driver=snd_hda_intel')
    assert.deepEqual(pendingOf(as(made(seenOf()), stuck)), ['0000:01:00.1 driver: snd_hda_intel → vfio-pci'])
    const shown = BOUND.replace(
      /^(iomem +a0000000-\S+ : 0000:01:00\.0)$/m,
      '$1\niomem         a0000000-a02fffff : simpledrm',
    )
    assert.deepEqual(pendingOf(as(made(seenOf()), shown)), ['0000:01:00.0 framebuffer: simpledrm → none'])
  })

  it('on the way back: the words and the drivers go, before and after the files are gone', () => {
    const back = [
      'kernel command line: intel_iommu=on → ',
      'kernel command line: initcall_blacklist=sysfb_init → ',
      "0000:01:00.0 driver: vfio-pci → the host's own",
      "0000:01:00.1 driver: vfio-pci → the host's own",
      "0000:02:00.0 driver: vfio-pci → the host's own",
    ]
    const bound = as(made(seenOf()), BOUND)
    assert.deepEqual(pendingOf(bound, { absent: true }), back)
    assert.deepEqual(pendingOf(made(bound, true), { absent: true }), back)
    assert.deepEqual(pendingOf(seenOf(), { absent: true }), [])
  })

  it('leaves words alone that others put into the settings, for both loaders', () => {
    const own = BOUND.replace(/ intel_iommu=on initcall_blacklist=sysfb_init$/m, ' iommu=pt')
    const unbound = own.replace(/ override=vfio-pci/g, '')
    const line = { [KERNEL_LINE]: LINE.replace('\n', ' iommu=pt\n') }
    assert.deepEqual(pendingOf(seenOf({ look: unbound, files: line }), { absent: true }), [])
    assert.deepEqual(pendingOf(seenOf({ look: unbound }), { absent: true }), ['kernel command line: iommu=pt → '])
    const grub = GRUB.replace(/^cmdline .*$/m, '$& iommu=pt')
    const files = { '/etc/default/grub': 'GRUB_CMDLINE_LINUX_DEFAULT="quiet iommu=pt"\n' }
    assert.deepEqual(pendingOf(seenOf({ look: grub, files }), { absent: true }), [])
    const commented = { '/etc/default/grub': '#GRUB_CMDLINE_LINUX_DEFAULT="iommu=pt"\n' }
    assert.deepEqual(pendingOf(seenOf({ look: grub, files: commented }), { absent: true }), [
      'kernel command line: iommu=pt → ',
    ])
  })

  it('a consent that was taken out of the site file goes with the next restart', () => {
    const passthrough = { iommu: { passthrough: true, acsOverride: false, unsafeInterrupts: false } }
    const with_ = BOUND.replace(/^cmdline .*$/m, '$& iommu=pt')
    assert.deepEqual(pendingOf(as(made(seenOf()), with_), { parts: passthrough }), [])
    assert.deepEqual(pendingOf(as(made(seenOf()), with_)), ['kernel command line: iommu=pt → '])
  })
})

describe('parts/gpu/reboot', () => {
  const links = JSON.stringify([{ ifname: 'enp5s0', address: 'AA:BB:CC:00:00:01' }])
  const seen = (facts: string) => {
    const { commands, files } = seenOf({ facts })
    return { files, commands: new Map([...commands, ['ip-links', { code: 0, stdout: links, stderr: '' }] as const]) }
  }
  const { site, node } = hive(undefined, { ports: { lan: 'enp5s0' } })

  it('is refused while the cluster would restart guests of the node elsewhere', () => {
    assert.match(
      getRestartProblems(node, seen('ha vm:100\nha ct:300\n')).join(),
      /vm:100, ct:300 .*node-maintenance enable genesis/,
    )
    assert.deepEqual(getRestartProblems(node, seen('')), [])
  })

  it('is refused where another kernel is next and no file keeps the names of the ports', () => {
    assert.match(
      getRestartProblems(node, seen('next-kernel 6.17.1-1-pve\n')).join(),
      /6\.17\.1-1-pve.* rename enp5s0: pinPorts/,
    )
    assert.deepEqual(getRestartProblems(node, seen('next-kernel 6.14.8-2-pve\n')), [])
    const pinned = seen('next-kernel 6.17.1-1-pve\n')
    const text = '[Match]\nMACAddress=aa:bb:cc:00:00:01\n[Link]\nName=enp5s0\n'
    const kept = written(pinned, [{ path: '/etc/systemd/network/50-orion-enp5s0.link', text }])
    assert.deepEqual(getRestartProblems(node, kept), [])
  })

  it('says what it interrupts, and another kernel', () => {
    const { disrupts } = gpuReboot(site, node, { wish: {}, mode: 'now', absent: false })
    assert.equal(disrupts(seen('')), 'every guest during the restart')
    assert.equal(
      disrupts(seen('next-kernel 6.17.1-1-pve\n')),
      'every guest during the restart, and it starts kernel 6.17.1-1-pve instead of 6.14.8-2-pve',
    )
  })
})
