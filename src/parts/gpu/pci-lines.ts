// The functions of the PCI bus, read from the lines of orion-pci-look: each with its group, its framebuffer and its uses.
import type { PciDevice } from './machine.ts'

/** Lines of one kind, without it, in their order. */
export type Lines = ReadonlyMap<string, readonly string[]>

const FUNCTION = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/
const ID = /^[0-9a-f]{4}:[0-9a-f]{4}$/

/** Every function of the PCI bus, with what the node does with it. Pure. */
export function readDevices(lines: Lines): readonly PciDevice[] {
  const groups = readGroups(lines.get('group') ?? [])
  const framebuffers = getFramebuffers(lines.get('iomem') ?? [])
  const nics = (lines.get('net') ?? []).map((line) => line.split(' '))
  const disks = (lines.get('disk') ?? []).map((line) => line.trim().split(/ +/))
  return (lines.get('pci') ?? []).flatMap((line) => {
    const device = readDevice(line)
    // Both land in programs and in files.
    if (!FUNCTION.test(device.address) || !ID.test(device.id)) return []
    const isOwn = ([address]: readonly string[]) => address === device.address
    const [ownNics, ownDisks] = [nics.filter(isOwn), disks.filter(isOwn)]
    const group = groups.get(device.address)
    const framebuffer = framebuffers.get(device.address)
    return {
      ...device,
      ...(group === undefined ? {} : { group }),
      ...(framebuffer === undefined ? {} : { framebuffer }),
      interfaces: ownNics.map(([, name = '']) => name),
      disks: ownDisks.map(([, name = '']) => name),
      uses: [...ownNics.flatMap(nicUse), ...ownDisks.flatMap(diskUse)],
    }
  })
}

/** Group of each address, of lines `2 0000:01:00.0`. */
function readGroups(lines: readonly string[]): ReadonlyMap<string, number> {
  const rows = lines.map((line) => line.trim().split(' '))
  return new Map(rows.flatMap(([group = '', address = '']) => (/^\d+$/.test(group) ? [[address, Number(group)]] : [])))
}

/** `0000:01:00.0 id=10de:2204 class=030000 driver=nouveau reset=flr,bus power=D0 boot-vga`: what is absent is not there. */
function readDevice(line: string): Omit<PciDevice, 'interfaces' | 'disks' | 'uses'> {
  const [address = '', ...words] = line.trim().split(/ +/)
  const said = new Map(words.map((word) => [word.split('=')[0] ?? '', word.slice(word.indexOf('=') + 1)]))
  const { driver, override, subsystem, physical } = Object.fromEntries(said) as Partial<Record<string, string>>
  const code = said.get('class') ?? ''
  return {
    address,
    id: (said.get('id') ?? '').toLowerCase(),
    ...(subsystem ? { subsystem: subsystem.toLowerCase() } : {}),
    class: code,
    ...(driver ? { driver } : {}),
    ...(override ? { override } : {}),
    ...(physical ? { physical } : {}),
    // A host bridge (0600) often shares the group of the ports beside it, and has no driver that anybody could miss.
    bridge: said.has('bridge') || code.startsWith('0600'),
    resetMethods: (said.get('reset') ?? '').split(',').filter((method) => method !== ''),
    power: said.get('power') ?? 'unknown',
    bootVga: said.has('boot-vga'),
    answers: !said.has('silent'),
  }
}

function nicUse([, name, state, master = '-']: readonly string[]): readonly string[] {
  if (master !== '-') return [`${name} is a port of ${master}`]
  return state === 'up' ? [`${name} is up`] : []
}

/** More of them say no more. */
const MOST = 3

function diskUse([, name, ...words]: readonly string[]): readonly string[] {
  const texts = [...new Set(words)].map((word) => {
    const [kind, what] = [word.split(':')[0], word.slice(word.indexOf(':') + 1)]
    if (kind === 'mounted') return `${name} is mounted on ${what}`
    if (kind === 'zpool') return `${name} is in the pool ${what}`
    return kind === 'swap' ? `${name} has swap` : `${name} is part of ${what}`
  })
  return texts.length > MOST ? [...texts.slice(0, MOST), `${texts.length - MOST} more`] : texts
}

/** As the kernel names the memory of a display that the firmware set up: sysfb, simpledrm, efidrm, vesadrm and their fore-runners. */
const FRAMEBUFFER =
  /^(?:BOOTFB|simple-?fb|simple-framebuffer|simple-?drm|efi(?:fb|drm|-framebuffer)|vesa(?:fb|drm|-framebuffer))/i

/** Of /proc/iomem: the function in whose memory each framebuffer lies. */
function getFramebuffers(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  let around: { readonly depth: number; readonly name: string }[] = []
  for (const line of lines) {
    const [, blanks = '', name = ''] = /^( *)\S+ : (.*)$/.exec(line) ?? []
    around = around.filter(({ depth }) => depth < blanks.length)
    const owner = around.findLast((range) => FUNCTION.test(range.name))
    if (owner !== undefined && FRAMEBUFFER.test(name) && !found.has(owner.name)) found.set(owner.name, name.trim())
    around.push({ depth: blanks.length, name })
  }
  return found
}
