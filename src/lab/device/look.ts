// orion-pci-look on a simulated node: how it boots, its IOMMU, its devices and what the host uses them for, a fact on each line.

import { liveNetwork } from '../host/guest-ports.ts'
import { type Machine, type Output, ok, type Program } from '../host/machine.ts'
import { type HostState, textAt } from '../host/state.ts'
import { modulesOf } from './drivers.ts'
import { KERNEL, loaderPrograms } from './loader.ts'
import type { PciState } from './pci.ts'

export const pciLook: Program = async (machine, _, io) => {
  const { host } = machine
  const tool = async (name: string, args: readonly string[]) => linesOf(await loaderPrograms[name]?.(machine, args, io))
  const pci = Object.values(host.pci ?? {}).sort((one, other) => (one.address < other.address ? -1 : 1))
  const lines = [
    `kernel ${KERNEL}`,
    `boot ${host.boot?.id ?? ''}`,
    `cmdline ${(textAt(host, '/proc/cmdline') ?? '').trim()}`,
    'cpu GenuineIntel',
    'firmware uefi',
    ...(textAt(host, '/boot/grub/grub.cfg') === undefined ? [] : ['grub-cfg']),
    ...(textAt(host, '/etc/kernel/proxmox-boot-uuids') ?? '')
      .split('\n')
      .filter(Boolean)
      .map((uuid) => `esp ${uuid}`),
    ...(await tool('proxmox-boot-tool', ['status'])).map((line) => `boot-tool ${line}`),
    ...(await tool('efibootmgr', ['-v'])).map((line) => `efi ${line}`),
    ...(hasIommu(host) ? ['remapping yes', 'iommu dmar0', 'iommu dmar1'] : ['remapping no']),
    ...(hasIommu(host) ? pci.map(({ group, address }) => `group ${group} ${address}`) : []),
    `modules ${modulesOf(host).join(' ')}`,
    ...pci.map(pciLine),
    ...pci.flatMap((device, at) => memoryLines(host, device, at)),
    ...pci.flatMap((device) => netLines(machine, device)),
    ...pci.flatMap(({ address, disks = [] }) => disks.map((disk) => `disk ${address} ${disk} ${DISK_USE}`)),
    ...(host.usb ?? []).map(({ port, id }) => `usb ${port} ${id} 0000:00:14.0`),
    'end',
  ]
  return ok(`${lines.join('\n')}\n`)
}

const DISK_USE = 'zpool:rpool'

/** Intel's is on since 6.8, unless somebody turns it off. */
function hasIommu(host: HostState): boolean {
  return !/\bintel_iommu=off\b/.test(textAt(host, '/proc/cmdline') ?? '')
}

function linesOf(output: Output | undefined): string[] {
  return `${output?.code === 0 ? (output.stdout ?? '') : ''}`.split('\n').filter(Boolean)
}

function pciLine(device: PciState): string {
  const { address, id, subsystem, driver, override, bridge, resets, power, bootVga, lost } = device
  return [
    `pci ${address} id=${lost ? 'ffff:ffff' : id}`,
    ...(subsystem === undefined || lost ? [] : [`subsystem=${subsystem}`]),
    `class=${device.class}`,
    ...(driver === undefined ? [] : [`driver=${driver}`]),
    ...(override === undefined ? [] : [`override=${override}`]),
    ...(bridge ? ['bridge'] : []),
    ...(resets.length === 0 ? [] : [`reset=${resets.join(',')}`]),
    `power=${power}`,
    ...(bootVga ? ['boot-vga'] : []),
    ...(lost ? ['silent'] : []),
  ].join(' ')
}

/** Of /proc/iomem: the firmware's display has the kernel's framebuffer in its memory, unless that was told to stay away. */
function memoryLines(host: HostState, { address, bootVga, bridge }: PciState, at: number): string[] {
  if (bridge) return []
  const start = (0xa000_0000 + at * 0x200_0000).toString(16)
  const line = `iomem   ${start}-${start.slice(0, 3)}fffff : ${address}`
  const told = /\binitcall_blacklist=sysfb_init\b/.test(textAt(host, '/proc/cmdline') ?? '')
  return bootVga && !told ? [line, `iomem     ${start}-${start.slice(0, 4)}ffff : BOOTFB`] : [line]
}

function netLines({ world, node, host }: Machine, { address, interfaces = [], driver }: PciState): string[] {
  if (driver === 'vfio-pci') return []
  const { links } = liveNetwork(world.state, node, host)
  return interfaces.map((name) => {
    const link = links.get(name)
    return `net ${address} ${name} ${link?.up ? 'up' : 'down'} ${link?.master ?? '-'}`
  })
}
