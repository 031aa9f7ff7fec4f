// Proxmox VE's answer.toml: our own model of its rules (proxmox-auto-installer; unknown keys are refused there, too), and the writer.
import { stringify } from 'smol-toml'
import { z } from 'zod'
import { OrionError } from '../errors.ts'

const size = (least: number) => z.number().min(least).optional()
const fingerprint = z.string().regex(/^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
const https = z.url({ protocol: /^https$/ })
const glob = z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(1))
const BOTH = 'exactly one of disk-list and filter'

const global = z.strictObject({
  keyboard: z.string().regex(/^[a-z]{2}(?:-[a-z]{2})?$/),
  country: z.string().regex(/^[a-z]{2}$/),
  fqdn: z
    .string()
    .regex(
      /^(?=.{4,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/,
    ),
  mailto: z.email(),
  timezone: z.string().min(1),
  // SHA-512 of crypt(5).
  'root-password-hashed': z.string().regex(/^\$6\$(?:rounds=\d+\$)?[./0-9A-Za-z]{1,16}\$[./0-9A-Za-z]{86}$/),
  'root-ssh-keys': z.array(z.string().min(1)),
  'reboot-mode': z.enum(['reboot', 'power-off']),
})

const network = z.strictObject({
  source: z.literal('from-answer'),
  cidr: z.union([z.cidrv4(), z.cidrv6()]),
  dns: z.union([z.ipv4(), z.ipv6()]),
  gateway: z.union([z.ipv4(), z.ipv6()]),
  filter: glob,
  'interface-name-pinning': z.strictObject({
    enabled: z.literal(true),
    mapping: z
      .record(z.string().regex(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/), z.string().regex(/^[a-z][a-z0-9_]{1,14}$/))
      .refine((names) => new Set(Object.values(names)).size === Object.keys(names).length, 'a name twice'),
  }),
})

const diskSetup = z
  .strictObject({
    filesystem: z.enum(['ext4', 'xfs', 'zfs', 'btrfs']),
    'disk-list': z.array(z.string().min(1)).min(1).optional(),
    filter: glob.optional(),
    'filter-match': z.enum(['any', 'all']).optional(),
    zfs: z
      .strictObject({
        raid: z.enum(['raid0', 'raid1', 'raid10', 'raidz-1', 'raidz-2', 'raidz-3']),
        ashift: z.int().min(9).max(16).optional(),
        'arc-max': z.int().min(64).optional(),
        checksum: z.enum(['on', 'fletcher4', 'sha256']).optional(),
        compress: z.enum(['on', 'off', 'lzjb', 'lz4', 'zle', 'gzip', 'zstd']).optional(),
        copies: z.int().min(1).max(3).optional(),
        hdsize: size(2),
      })
      .optional(),
    lvm: z
      .strictObject({ hdsize: size(2), swapsize: size(0), maxroot: size(2), maxvz: size(0), minfree: size(0) })
      .optional(),
    btrfs: z.strictObject({ raid: z.enum(['raid0', 'raid1', 'raid10']) }).optional(),
  })
  .refine((disks) => (disks['disk-list'] === undefined) !== (disks.filter === undefined), BOTH)
  .refine(({ filesystem, zfs, btrfs, lvm }) => {
    const own = { zfs: zfs && !btrfs && !lvm, btrfs: btrfs && !zfs && !lvm, ext4: !zfs && !btrfs, xfs: !zfs && !btrfs }
    return Boolean(own[filesystem])
  }, 'the options of another filesystem')

const model = z.strictObject({
  global,
  network,
  'disk-setup': diskSetup,
  'post-installation-webhook': z
    .strictObject({ url: https, 'cert-fingerprint': fingerprint, 'auth-token': z.string().min(16) })
    .optional(),
  'first-boot': z.discriminatedUnion('source', [
    z.strictObject({
      source: z.literal('from-iso'),
      ordering: z.enum(['before-network', 'network-online', 'fully-up']),
    }),
    z.strictObject({
      source: z.literal('from-url'),
      ordering: z.enum(['before-network', 'network-online', 'fully-up']),
      url: https,
      'cert-fingerprint': fingerprint,
    }),
  ]),
})

export type Answer = z.input<typeof model>

/**
 * The answer file's text (TOML 1.0), behind comment lines `head`.
 * Errors: E_SITE with every rule of the installer that it would break; values are not repeated, as the hash of a password is among them.
 */
export function writeAnswer(answer: Answer, head: readonly string[]): string {
  const { error, data } = model.safeParse(answer)
  if (error) {
    const findings = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new OrionError(`the installer would not take the answer file:\n${findings.join('\n')}`, { code: 'E_SITE' })
  }
  return `${head.map((line) => `# ${line.replaceAll(/[\p{Cc}]/gu, ' ')}\n`).join('')}\n${stringify(data)}`
}
