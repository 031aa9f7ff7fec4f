// What Proxmox VE's installer is told about a node, from the site file; and the script of its first start.

import { template } from '../render.ts'
import type { Answer } from '../site/answer.ts'
import { getWay } from '../site/rules/install.ts'
import type { Node, Site } from '../site/site.ts'

export interface AnswerOptions {
  /** Of crypt(5), SHA-512. */
  readonly passwordHash: string
  /** Where orion answers the installer; undefined = everything is on the ISO. */
  readonly server?: {
    readonly firstBootUrl: string
    readonly webhookUrl: string
    /** SHA-256 of its certificate, `AA:BB:…`. */
    readonly fingerprint: string
    /** The installer says it back, so that nobody else can say that it is done. */
    readonly token: string
  }
}

/** Pure. The rules of the site file hold (rules/install.ts); what they would refuse throws. */
export function toAnswer(site: Site, node: Node, { passwordHash, server }: AnswerOptions): Answer {
  const { install } = node
  const way = getWay(site, node)
  const gateway = node.address.includes(':') ? node.gateway6 : node.gateway
  if (!install || !way || !gateway || !site.domain) throw new Error(`${node.name} has no complete install`)
  const port = way.ports.find((name) => install.macs[name]) ?? ''
  const fqdn = `${node.name}.${site.domain}`
  return {
    global: {
      keyboard: install.keyboard,
      country: install.country,
      fqdn,
      mailto: install.mailto ?? `root@${fqdn}`,
      timezone: site.timezone ?? 'UTC',
      'root-password-hashed': passwordHash,
      'root-ssh-keys': [...install.sshKeys],
      'reboot-mode': install.whenDone,
    },
    network: {
      source: 'from-answer',
      cidr: `${node.address}/${way.prefix}`,
      dns: install.dns ?? gateway,
      gateway,
      // udev calls it enxAABBCC…, whatever the kernel called the port when it started.
      filter: { ID_NET_NAME_MAC: `*${(install.macs[port] ?? '').replaceAll(':', '')}` },
      'interface-name-pinning': {
        enabled: true,
        mapping: Object.fromEntries(Object.entries(install.macs).map(([name, mac]) => [mac, name])),
      },
    },
    'disk-setup': disksOf(node),
    ...(server
      ? {
          'post-installation-webhook': {
            url: server.webhookUrl,
            'cert-fingerprint': server.fingerprint,
            'auth-token': server.token,
          },
        }
      : {}),
    'first-boot': server
      ? {
          source: 'from-url',
          ordering: 'fully-up',
          url: server.firstBootUrl,
          'cert-fingerprint': server.fingerprint,
        }
      : { source: 'from-iso', ordering: 'fully-up' },
  }
}

function disksOf({ install, zfs: memory }: Node): Answer['disk-setup'] {
  if (!install) throw new Error('no install')
  const { disks, filesystem, raid, zfs, lvm } = install
  const which =
    'names' in disks ? { 'disk-list': [...disks.names] } : { filter: { ...disks.filter }, 'filter-match': disks.match }
  if (filesystem === 'btrfs') return { filesystem, ...which, btrfs: { raid: raid as 'raid0' | 'raid1' | 'raid10' } }
  if (filesystem !== 'zfs') return { filesystem, ...which, ...lvmOf(lvm) }
  const { hdsizeGib, checksum, compress, ...rest } = zfs
  const options = {
    raid: raid ?? 'raid0',
    ...rest,
    'arc-max': memory?.arcMaxMib,
    checksum: checksum as 'on' | undefined,
    compress: compress as 'on' | undefined,
    hdsize: hdsizeGib,
  }
  return { filesystem, ...which, zfs: known(options) }
}

function lvmOf({ hdsizeGib, swapsizeGib, maxrootGib, maxvzGib, minfreeGib }: NonNullable<Node['install']>['lvm']) {
  const lvm = known({
    hdsize: hdsizeGib,
    swapsize: swapsizeGib,
    maxroot: maxrootGib,
    maxvz: maxvzGib,
    minfree: minfreeGib,
  })
  return Object.keys(lvm).length > 0 ? { lvm } : {}
}

/** TOML has no undefined. */
const known = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T

/** The script of the first start: lays the keys down once more, should the installer's own list be lost, and nothing else. */
export const toFirstBoot = ({ install }: Node): string =>
  template<{ keys: readonly string[] }>('answer/first-boot')({ keys: install?.sshKeys ?? [] })
