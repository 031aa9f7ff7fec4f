// A made-up /sys, /proc and /etc in a folder, as orion-pci-look reads them with that folder as its first argument.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { machineFacts } from '../../../src/parts/gpu/machine-read.ts'

export interface TreeDevice {
  /** Folder below /sys/devices; its last part is the address. */
  readonly path: string
  readonly id: string
  readonly subsystem?: string
  readonly class: string
  readonly driver?: string
  readonly group?: number
  /** Further files of its folder. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** Further links of its folder: name → path below /sys/devices. */
  readonly links?: Readonly<Record<string, string>>
}

export interface Tree {
  readonly devices?: readonly TreeDevice[]
  /** Path below the root → text; a folder where the path ends in a slash. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** Path below the root → path below the root that it leads to. */
  readonly links?: Readonly<Record<string, string>>
  /** Name → text that it prints. */
  readonly programs?: Readonly<Record<string, string>>
}

/** What the program says of such a machine. */
export function look(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'orion-look-'))
  try {
    build(root, tree)
    const [, flag = '', text = '', name = ''] = machineFacts().commands?.['pci-look'] ?? []
    const env = { ...process.env, PATH: `${join(root, 'programs')}:${process.env.PATH}` }
    return execFileSync('sh', [flag, text, name, root], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function build(root: string, { devices = [], files = {}, links = {}, programs = {} }: Tree): void {
  for (const device of devices) putDevice(root, device)
  for (const [path, text] of Object.entries(files)) put(join(root, path), text)
  for (const [path, to] of Object.entries(links)) link(join(root, path), join(root, to))
  for (const [name, text] of Object.entries(programs)) {
    const path = join(root, 'programs', name)
    put(path, `#!/bin/sh\ncat <<'X'\n${text}\nX\n`)
    chmodSync(path, 0o755)
  }
}

function putDevice(root: string, device: TreeDevice): void {
  const folder = join(root, 'sys/devices', device.path)
  const address = device.path.slice(device.path.lastIndexOf('/') + 1)
  const [vendor, model] = device.id.split(':')
  const [subVendor, subModel] = (device.subsystem ?? '0000:0000').split(':')
  const files = {
    vendor: `0x${vendor}\n`,
    device: `0x${model}\n`,
    subsystem_vendor: `0x${subVendor}\n`,
    subsystem_device: `0x${subModel}\n`,
    class: `0x${device.class}\n`,
    uevent: `${device.driver ? `DRIVER=${device.driver}\n` : ''}PCI_SLOT_NAME=${address}\n`,
    driver_override: '(null)\n',
    power_state: 'D0\n',
    config: Buffer.from(`${vendor}${model}`, 'hex').swap16(),
    ...device.files,
  }
  for (const [name, text] of Object.entries(files)) put(join(folder, name), text)
  for (const [name, to] of Object.entries(device.links ?? {})) link(join(folder, name), join(root, 'sys/devices', to))
  link(join(root, 'sys/bus/pci/devices', address), folder)
  if (device.group !== undefined) link(join(root, `sys/kernel/iommu_groups/${device.group}/devices`, address), folder)
}

function put(path: string, text: string | Buffer): void {
  mkdirSync(path.endsWith('/') ? path : dirname(path), { recursive: true })
  if (!path.endsWith('/')) writeFileSync(path, text)
}

/** Relative, as the kernel's own links are. */
function link(path: string, to: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(relative(dirname(path), to), path)
}
