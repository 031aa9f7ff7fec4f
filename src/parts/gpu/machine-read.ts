// How a node boots, its IOMMU and its devices: the program orion-pci-look reads all of it at once, and here its lines are read.
import { template } from '../../render.ts'
import { type Facts, type HostFacts, said } from '../../resources/host-facts.ts'
import { getLoader } from './loader.ts'
import type { Machine, UsbDevice } from './machine.ts'
import { type Lines, readDevices } from './pci-lines.ts'

const LOOK = 'pci-look'
const COMMAND_LINE = '/etc/kernel/cmdline'
const renderLook = template<object>('gpu/look')

/** Takes about a second on a large node; nothing is changed by it. */
export function machineFacts(): Facts {
  return { files: [COMMAND_LINE], commands: { [LOOK]: ['sh', '-c', renderLook({}), 'orion-pci-look'] } }
}

/** Pure. Where the node did not tell all of it, nothing is known: no device, no IOMMU, a loader with a problem. */
export function getMachine(seen: HostFacts): Machine {
  const machine = parseMachine(said(seen, LOOK) ?? '')
  const text = seen.files.get(COMMAND_LINE)?.text
  return text === undefined ? machine : { ...machine, kernelCommandLine: text }
}

const SILENT: Machine = {
  isTold: false,
  firmware: 'bios',
  loader: { signals: [], synced: false, problem: 'the node did not tell how it boots' },
  commandLine: '',
  kernel: '',
  bootId: '',
  cpu: 'other',
  iommus: [],
  modules: new Set(),
  devices: [],
  usb: [],
}

/** What orion-pci-look said. Pure. */
export function parseMachine(text: string): Machine {
  // A node may say what it likes; a terminal shall not obey it.
  const lines = text.split('\n').flatMap((line) => (line === '' ? [] : line.replace(/\p{Cc}/gu, ' ')))
  if (lines.at(-1)?.trim() !== 'end') return SILENT
  const kinds = new Map<string, string[]>()
  for (const line of lines) {
    const [, kind = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? []
    kinds.set(kind, [...(kinds.get(kind) ?? []), rest])
  }
  return readMachine(kinds)
}

function readMachine(lines: Lines): Machine {
  const one = (kind: string) => lines.get(kind)?.[0]?.trim() ?? ''
  const firmware = one('firmware') === 'uefi' ? 'uefi' : 'bios'
  const commandLine = one('cmdline')
  const remapping = one('remapping')
  const esps = lines.get('esp')
  const modules = one('modules').split(/\s+/)
  return {
    isTold: true,
    firmware,
    loader: getLoader({
      firmware,
      commandLine,
      hasGrubConfig: lines.has('grub-cfg'),
      ...(esps === undefined ? {} : { esps }),
      bootTool: lines.get('boot-tool') ?? [],
      efi: lines.get('efi') ?? [],
      loaderInfo: one('loader-info'),
    }),
    commandLine,
    kernel: one('kernel'),
    bootId: one('boot'),
    cpu: { GenuineIntel: 'intel' as const, AuthenticAMD: 'amd' as const }[one('cpu')] ?? 'other',
    iommus: lines.get('iommu') ?? [],
    ...(remapping === '' ? {} : { remapping: remapping === 'yes' }),
    modules: new Set(modules.filter((name) => name !== '').map(toModule)),
    devices: readDevices(lines),
    usb: (lines.get('usb') ?? []).map(readUsb),
  }
}

/** The kernel takes `-` and `_` in a module's name for the same. */
export function toModule(name: string): string {
  return name.replaceAll('-', '_')
}

function readUsb(line: string): UsbDevice {
  const [port = '', id = '', controller = '-', keyboard] = line.split(' ')
  const at = controller === '-' ? {} : { controller }
  return { port, id: id.toLowerCase(), ...at, isKeyboard: keyboard === 'keyboard' }
}
