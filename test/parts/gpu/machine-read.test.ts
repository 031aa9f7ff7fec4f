// What orion-pci-look said, read: a recorded node, cut and garbled answers, and whatever a host may say.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { getMachine, machineFacts, parseMachine } from '../../../src/parts/gpu/machine-read.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import { file } from '../../resources/fake-host.ts'
import { HIVE, machineOf, plus } from './seen.ts'

const at = (address: string, machine = machineOf()) => machine.devices.find((one) => one.address === address)

describe('parts/gpu/machine-read', () => {
  it('reads a recorded node', () => {
    const machine = machineOf()
    const { devices, modules, usb, loader, ...rest } = machine
    assert.deepEqual(rest, {
      isTold: true,
      firmware: 'uefi',
      commandLine: 'initrd=\\EFI\\proxmox\\6.14.8-2-pve\\initrd.img-6.14.8-2-pve root=ZFS=rpool/ROOT/pve-1 boot=zfs',
      kernel: '6.14.8-2-pve',
      bootId: '3f0c6a52-6d0b-4a56-9f0e-3a7f6ab9d3c1',
      cpu: 'intel',
      iommus: ['dmar0', 'dmar1'],
      remapping: true,
    })
    assert.equal(loader.kind, 'systemd-boot')
    assert.equal(devices.length, 11)
    assert.equal(usb.length, 2)
    assert.ok(modules.has('snd_hda_intel'))
    assert.deepEqual(at('0000:01:00.0'), {
      address: '0000:01:00.0',
      id: '10de:2204',
      subsystem: '10de:147d',
      class: '030000',
      driver: 'nouveau',
      bridge: false,
      resetMethods: ['bus'],
      power: 'D0',
      bootVga: true,
      answers: true,
      group: 2,
      framebuffer: 'BOOTFB',
      interfaces: [],
      disks: [],
      uses: [],
    })
  })

  it('takes a host bridge for a bridge, which has no driver to lose', () => {
    assert.equal(at('0000:00:00.0')?.bridge, true)
  })

  for (const name of ['simple-framebuffer.0', 'simplefb', 'simpledrm', 'efifb', 'efidrm', 'vesafb'])
    it(`knows the framebuffer ${name}`, () => {
      assert.equal(at('0000:01:00.0', machineOf([/BOOTFB/, name]))?.framebuffer, name)
    })

  it('takes a driver of the card itself for no framebuffer, nor what lies beside it', () => {
    assert.equal(at('0000:01:00.0', machineOf([/BOOTFB/, 'nvidia']))?.framebuffer, undefined)
    const beside = machineOf([/^iomem {7}(.*BOOTFB)$/m, 'iomem     $1'])
    assert.deepEqual(
      beside.devices.filter(({ framebuffer }) => framebuffer !== undefined),
      [],
    )
  })

  it('keeps the uses of a disk short', () => {
    const words = [1, 2, 3, 4, 5].map((number) => `mounted:/mnt/${number}`).join(' ')
    assert.deepEqual(at('0000:03:00.0', machineOf([/^disk .*$/m, `disk 0000:03:00.0 sda ${words}`]))?.uses, [
      'sda is mounted on /mnt/1',
      'sda is mounted on /mnt/2',
      'sda is mounted on /mnt/3',
      '2 more',
    ])
  })

  it('lets no control character through to a terminal', () => {
    const machine = machineOf(plus('usb 1-9 dead:beef\u001b[31m 0000:00:14.0', 'iommu evil\u0007'))
    const told = JSON.stringify({ ...machine, modules: [...machine.modules] })
    assert.doesNotMatch(told, /\\u00[01]/)
  })

  it('knows nothing of a node that did not come to its end', () => {
    for (const text of ['', HIVE.replace(/end\n$/, ''), `${HIVE}x\n`]) {
      const { isTold, devices, loader } = parseMachine(text)
      assert.deepEqual([isTold, devices, loader.kind], [false, [], undefined])
      assert.ok(loader.problem)
    }
  })

  it('reads whatever is said, in any order and cut anywhere', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(...HIVE.split('\n')).chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))),
    )
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        for (const { address, id, group } of parseMachine([...lines, 'end', ''].join('\n')).devices) {
          assert.match(`${address} ${id}`, /^[0-9a-f]{4,8}(?::[0-9a-f]{2}){2}\.[0-7] [0-9a-f]{4}:[0-9a-f]{4}$/)
          assert.ok(group === undefined || Number.isInteger(group))
        }
      }),
    )
  })

  it('takes the text of /etc/kernel/cmdline as it is, and its absence for what it is', () => {
    const commands: HostFacts['commands'] = new Map([['pci-look', { code: 0, stdout: HIVE, stderr: '' }]])
    assert.equal(getMachine({ files: new Map(), commands }).kernelCommandLine, undefined)
    const files = new Map([['/etc/kernel/cmdline', file(' root=ZFS=x \n')]])
    assert.equal(getMachine({ files, commands }).kernelCommandLine, ' root=ZFS=x \n')
  })

  it('asks in one program, which fits into a command line', () => {
    const { commands = {}, files = [] } = machineFacts()
    const [program, flag, text = '', name] = commands['pci-look'] ?? []
    assert.deepEqual([program, flag, name], ['sh', '-c', 'orion-pci-look'])
    assert.ok(text.length < 16_384, `${text.length}`)
    assert.deepEqual(files, ['/etc/kernel/cmdline'])
  })
})
