// What orion sets on a node's own system: package sources, packages, kernel settings, swap. All of it becomes configuration of a host.
import { z } from 'zod'
import * as s from './scalars.ts'
import { ssh } from './ssh.ts'
import { fields, listOf, oneOf, parsed, text } from './words.ts'

/**
 * A Debian package name (policy 5.6.1). apt-get reads `name-` as "remove name", and a name that no package has as a regular
 * expression, so `.+` or a dot at the end could take in half of Debian.
 */
const packageName = parsed(
  /^[a-z0-9][a-z0-9+.-]{0,126}[a-z0-9+]$/,
  'the name of a Debian package such as htop',
  (name) => (/\.[.+]/.test(name) ? undefined : name),
)

const sysctlKey = text(
  /^(?=.{1,255}$)[A-Za-z0-9_][A-Za-z0-9_-]*(?:[./][A-Za-z0-9_-]+)+$/,
  'a kernel setting such as net.ipv4.ip_forward',
)
const VALUE = 'a number, or one line of text'
const blank = String.raw`\s\p{Cc}\p{Zl}\p{Zp}`
const sysctlText = text(new RegExp(`^[^${blank}](?:[^\\p{Cc}\\p{Zl}\\p{Zp}]{0,1022}[^${blank}])?$`, 'u'), VALUE)
const sysctlValue = oneOf([z.int().transform(String), sysctlText], VALUE)

/**
 * One spelling of a key: dots between its parts, and a slash for a dot inside of a part. sysctl.d(5): where the first
 * separator is a slash, the others are as they stand; where it is a dot, dots and slashes have changed places.
 * Example: `net/ipv4/conf/eno1.20/forwarding` → `net.ipv4.conf.eno1/20.forwarding`.
 */
export function dottedKey(key: string): string {
  if (/^[^./]*\./.test(key)) return key
  return key.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

const sysctl = z.record(sysctlKey, sysctlValue).transform((entries, context): Record<string, string> => {
  const written = new Map<string, string>()
  for (const key of Object.keys(entries)) {
    const earlier = written.get(dottedKey(key))
    if (earlier === undefined) written.set(dottedKey(key), key)
    else
      context.addIssue({ code: 'custom', message: `${key} is the same setting as ${earlier}`, input: key, path: [key] })
  }
  return Object.fromEntries(Object.entries(entries).map(([key, value]) => [dottedKey(key), value]))
})

/** Blanks, quotes and % would mean something in a unit of systemd. */
const plainPath = /^\/(?!.*\/\/)(?!(?:.*\/)?\.{1,2}(?:\/|$))[A-Za-z0-9._/:+@-]{0,254}[A-Za-z0-9._:+@-]$/
const device = text(new RegExp(`^(?=/dev/)${plainPath.source.slice(1)}`), 'a device such as /dev/sdb2')
const swapFile = text(
  new RegExp(`^(?!/(?:dev|proc|sys|run|tmp)/)${plainPath.source.slice(1)}`),
  'the path of a file such as /var/swapfile (of letters, digits and . _ - / : + @)',
)
const swapPriority = z.int().min(-1).max(32767)

const swap = fields({
  device: device.exactOptional().describe('A partition or volume that is there'),
  file: swapFile.exactOptional().describe('A file that orion makes'),
  size: s.sizeMib.exactOptional().describe('Size of the file, such as 8G'),
  priority: swapPriority.exactOptional().describe('Of all swap the highest is used first'),
})
  .refine(
    ({ device, file, size }) =>
      (device === undefined) !== (file === undefined) && (file === undefined) === (size === undefined),
    {
      error: 'needs either device, or file and size',
    },
  )
  .meta({ id: 'Swap', description: 'Swap beside zram: a device, or a file of a size' })

export const swaps = listOf(swap, 16)

const zramSize = oneOf(
  [s.percent.transform((value) => ({ percent: value })), s.sizeMib.transform((value) => ({ mib: value }))],
  'a part of the memory such as 25%, or a size such as 8G',
)

export const zram = fields({
  size: zramSize.exactOptional().describe('Such as 25% or 8G'),
  priority: swapPriority.exactOptional().describe('Of all swap the highest is used first'),
}).meta({ id: 'Zram', description: 'Compressed swap in memory' })

const iommu = fields({
  passthrough: z.boolean().default(false).describe('iommu=pt: faster for the host’s own devices, and less isolation'),
  acsOverride: z.boolean().default(false).describe('Splits groups that the hardware does not keep apart: no isolation'),
  unsafeInterrupts: z.boolean().default(false).describe('Without interrupt remapping: a guest may take over the host'),
}).meta({ id: 'Iommu', description: 'What the IOMMU does beyond its default; each key is a consent' })

const CLOCK = 'hours such as 02:00-05:00'
const rebootWindow = parsed(/^\d{2}:\d{2}-\d{2}:\d{2}$/, CLOCK, (value) => {
  const [first = '', last = ''] = value.split('-')
  const isTime = (time: string) => /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time)
  return isTime(first) && isTime(last) && first !== last ? value : undefined
})

/** What `defaults.node` may hold too; a node's own key takes the place of the whole key. */
export const nodeCommon = {
  ssh: ssh.exactOptional(),
  pinPorts: z.boolean().exactOptional().describe('Keep the names of the used ports by their MAC addresses'),
  sources: z
    .enum(['enterprise', 'no-subscription', 'test'])
    .exactOptional()
    .describe('Which of Proxmox’s own package sources; default: left alone'),
  packages: listOf(packageName, 256).exactOptional().describe('Debian packages that shall be there'),
  iommu: iommu.exactOptional(),
  rebootWindow: rebootWindow.exactOptional().describe('When `--reboot window` may restart it, by its own clock'),
  isolateCores: z
    .boolean()
    .exactOptional()
    .describe('Its own services, too, are kept off cores that a guest has for itself'),
  sysctl: sysctl.exactOptional().describe('Kernel settings, such as net.ipv4.ip_forward: 1'),
}

export const nodeDefaults = fields(nodeCommon).meta({
  id: 'NodeDefaults',
  description: 'What every node takes that does not say otherwise',
})
