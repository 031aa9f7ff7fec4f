// A node with devices for guests as a plan sees it, and what becomes of it when files are written and it restarts.

import type { WantedFile } from '../../../src/resources/file-set-difference.ts'
import type { HostFacts } from '../../../src/resources/host-facts.ts'
import type { Device } from '../../../src/site/services.ts'
import type { Node, Site } from '../../../src/site/site.ts'
import { node, site, vm } from '../../site/site-builder.ts'
import { card, coral, HIVE } from './seen.ts'

export const LINE = 'root=ZFS=rpool/ROOT/pve-1 boot=zfs\n'
export const KERNEL_LINE = '/etc/kernel/cmdline'

/** The same node where GRUB loads the kernel. */
export const GRUB = HIVE.replace(/^(esp|boot-tool|efi|loader-info) .*\n/gm, '')
  .replace(/^cmdline .*$/m, 'cmdline BOOT_IMAGE=/boot/vmlinuz-6.14.8-2-pve root=/dev/mapper/pve-root ro quiet')
  .replace(/^firmware uefi$/m, 'firmware uefi\ngrub-cfg')

export function hive(
  devices: readonly Device[] = [card, coral],
  parts: Partial<Node> = {},
): { site: Site; node: Node } {
  const genesis = node('genesis', parts)
  const on = { node: 'genesis' }
  const guests = [vm('brain', 100, {}, on), vm('district', 110, {}, on), vm('eye', 401, {}, on)]
  return { site: site({ nodes: [genesis], guests, devices: devices.map((one) => ({ ...one, ...on })) }), node: genesis }
}

interface Told {
  readonly look?: string
  readonly facts?: string
  readonly files?: Readonly<Record<string, string>>
}

const file = (text: string) => ({ kind: 'file', text, mode: 0o644, owner: 'root', group: 'root' }) as const
const output = (stdout: string) => ({ code: 0, stdout, stderr: '' })

export function seenOf({ look = HIVE, facts = '', files = { [KERNEL_LINE]: LINE } }: Told = {}): HostFacts {
  return {
    files: new Map(Object.entries(files).map(([path, text]) => [path, file(text)])),
    commands: new Map([
      ['pci-look', output(look)],
      ['gpu-facts', output(`${facts}end\n`)],
    ]),
  }
}

/** As it is after these files were written. */
export function written(seen: HostFacts, wanted: readonly WantedFile[]): HostFacts {
  const files = new Map(seen.files)
  for (const { path, text, mode = 0o644 } of wanted)
    if (text === undefined) files.delete(path)
    else files.set(path, { ...file(text), mode })
  return { ...seen, files }
}

export const textsOf = ({ files }: HostFacts): Readonly<Record<string, string>> =>
  Object.fromEntries([...files].map(([path, { text }]) => [path, text]))
