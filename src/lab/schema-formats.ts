// The named formats of Proxmox VE's schema: what a value must look like beyond its type.
import { isIPv4, isIPv6 } from 'node:net'
import { isCalendarEvent } from '../site/calendar-event.ts'
import { builtinRoles } from './permissions.ts'

/** Takes one value; returns what is wrong with it, or undefined. */
type Check = (value: string, version: string) => string | undefined

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const disk = '(?:ide[0-3]|sata[0-5]|scsi(?:[12]?\\d|30)|virtio(?:\\d|1[0-5]))'

const fits =
  (pattern: RegExp, text: string): Check =>
  (value) =>
    pattern.test(value) ? undefined : text.replace('VALUE', value)

const isIp = (value: string): boolean => isIPv4(value) || (isIPv6(value) && !value.includes('%'))

function isCidr(value: string, family: 4 | 6): boolean {
  const [address = '', bits = '', ...rest] = value.split('/')
  const right = family === 4 ? isIPv4(address) : isIPv6(address) && !address.includes('%')
  return (
    right && rest.length === 0 && /^\d+$/.test(bits) && Number(bits) > 7 && Number(bits) <= (family === 4 ? 32 : 128)
  )
}

const when =
  (right: (value: string) => boolean, text: string): Check =>
  (value) =>
    right(value) ? undefined : text.replace('VALUE', value)

const idOf = (kind: string): Check =>
  fits(/^[a-z][a-z0-9\-_.]*[a-z0-9]$/i, `${kind} ID 'VALUE' contains illegal characters`)
const nameOf = (kind: string): Check => fits(/^[A-Za-z0-9.\-_]+$/, `${kind} name 'VALUE' contains invalid characters`)
const volume = /^[a-z][a-z0-9\-_.]*[a-z0-9]:.+$/i
const dnsName = new RegExp(`^(?:${label}\\.)*${label}$`)
const contents = new Set(['images', 'rootdir', 'vztmpl', 'iso', 'backup', 'snippets', 'import', 'none'])
/** The models of QEMU that Proxmox VE knows, by family, so that no newer stepping is refused. */
const cpuType =
  /^(486|athlon|Conroe|core2duo|coreduo|host|KnightsMill|kvm(32|64)|max|Penryn|pentium[23]?|phenom|qemu(32|64)|x86-64-v[234](-AES)?|(Broadwell|Cascadelake|ClearwaterForest|Cooperlake|Denverton|DiamondRapids|EPYC|GraniteRapids|Haswell|Icelake|IvyBridge|Nehalem|Opteron|SandyBridge|SapphireRapids|SierraForest|Skylake|Snowridge|Westmere)[\w.-]*|custom-[\w.-]+)$/
const climbs = /(?:^|\/)\.\.?(?:\/|$)/

const checks: Readonly<Record<string, Check>> = {
  urlencoded: fits(/^[-%a-zA-Z0-9_.!~*'()]*$/, 'invalid urlencoded string: VALUE'),
  'pve-configid': fits(/^[a-z][a-z0-9_-]+$/i, "invalid configuration ID 'VALUE'"),
  'pve-storage-id': idOf('storage'),
  'pve-cpu-type': fits(cpuType, "Built-in cputype 'VALUE' is not defined (missing 'custom-' prefix?)"),
  'pve-bridge-id': fits(/^[-_.\w]+$/, "invalid bridge ID 'VALUE'"),
  'pve-vmid': fits(/^[1-9][0-9]{2,8}$/, 'value does not look like a valid VM ID'),
  'pve-node': fits(new RegExp(`^${label}$`), 'value does not look like a valid node name'),
  'pve-iface': fits(/^[a-z][a-z0-9_]{1,20}([:.]\d+)?$/i, "invalid network interface name 'VALUE'"),
  'pve-roleid': nameOf('role'),
  'pve-groupid': nameOf('group'),
  'pve-poolid': fits(/^[A-Za-z0-9.\-_]+(?:\/[A-Za-z0-9.\-_]+){0,2}$/, "pool name 'VALUE' contains invalid characters"),
  'pve-realm': fits(/^[A-Za-z][A-Za-z0-9.\-_]+$/, "value 'VALUE' does not look like a valid realm"),
  'pve-userid': fits(/^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+$/, "value 'VALUE' does not look like a valid user name"),
  'pve-tokenid': fits(
    /^[^\s:/]+@[A-Za-z][A-Za-z0-9.\-_]+![A-Za-z][A-Za-z0-9.\-_]+$/,
    "value 'VALUE' does not look like a valid token ID",
  ),
  'pve-priv': (value, version) =>
    builtinRoles(version).Administrator?.includes(value) ? undefined : `invalid privilege '${value}'`,
  'pve-tag': fits(/^[a-z0-9_][a-z0-9_\-+.]*$/i, 'invalid characters in tag'),
  'pve-startup-order': when(isStartupOrder, 'unable to parse startup options'),
  'pve-cpuset': fits(/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/, 'unable to parse cpuset: VALUE'),
  'pve-hotplug-features': fits(
    /^(?:[01]|(?:network|disk|cpu|memory|usb|cloudinit)(?:[,; ](?:network|disk|cpu|memory|usb|cloudinit))*)$/,
    'unable to parse hotplug option',
  ),
  'pve-qm-bootdev': fits(new RegExp(`^(?:${disk}|net\\d+|usb\\d+|hostpci\\d+)$`), "invalid boot device 'VALUE'"),
  'pve-qm-bootdisk': fits(new RegExp(`^${disk}$`), "invalid boot disk 'VALUE'"),
  'pve-volume-id': fits(volume, "unable to parse volume ID 'VALUE'"),
  'pve-volume-id-or-qm-path': fits(
    new RegExp(`^(?:none|cdrom|/.*)$|${volume.source}`, 'i'),
    "unable to parse volume ID 'VALUE'",
  ),
  'pve-volume-id-or-absolute-path': fits(new RegExp(`^/.*|${volume.source}`, 'i'), "unable to parse volume ID 'VALUE'"),
  'pve-storage-content': when((value) => contents.has(value), "invalid content type 'VALUE'"),
  'pve-storage-path': fits(/^\/[\w\-/.@:+]*$/, 'value does not look like a valid absolute path'),
  'pve-storage-server': when(
    (value) => isIp(value) || dnsName.test(value),
    'value does not look like a valid server name or IP address',
  ),
  'pve-storage-vgname': fits(/^[A-Za-z0-9+_.-]+$/, 'lvm name contains illegal characters'),
  'pve-lxc-mp-string': when((value) => !climbs.test(value), 'VALUE contains illegal character sequences'),
  'pve-lxc-dev-string': when((value) => value.startsWith('/dev/') && !climbs.test(value), 'VALUE is not a device path'),
  'pve-ct-timezone': when((value) => value === 'host' || isTimezone(value), "invalid time zone 'VALUE'"),
  'pve-ipv4-config': when(
    (value) => /^(dhcp|manual)$/.test(value) || isCidr(value, 4),
    'value does not look like a valid ipv4 network configuration',
  ),
  'pve-ipv6-config': when(
    (value) => /^(auto|dhcp|manual)$/.test(value) || isCidr(value, 6),
    'value does not look like a valid ipv6 network configuration',
  ),
  'pve-vlan-id-or-range': fits(/^\d{1,4}(?:-\d{1,4})?$/, "invalid VLAN configuration 'VALUE'"),
  'pve-task-status-type': fits(/^(ok|error|warning|unknown)$/i, "invalid status 'VALUE'"),
  'mac-addr': fits(/^[a-f0-9][02468ace](?::[a-f0-9]{2}){5}$/i, 'value does not look like a valid unicast MAC address'),
  'mac-prefix': fits(/^[a-f0-9][02468ace](?::[a-f0-9]{2}){0,2}:?$/i, 'value is not a valid unicast MAC address prefix'),
  ipv4: when(isIPv4, 'value does not look like a valid IPv4 address'),
  ipv6: when((value) => isIp(value) && !isIPv4(value), 'value does not look like a valid IPv6 address'),
  ip: when(isIp, 'value does not look like a valid IP address'),
  'lxc-ip-with-ll-iface': when(
    (value) => isIPv4(value) || isIPv6(value),
    'value does not look like a valid IP address',
  ),
  CIDRv4: when((value) => isCidr(value, 4), 'value does not look like a valid IPv4 CIDR network'),
  CIDRv6: when((value) => isCidr(value, 6), 'value does not look like a valid IPv6 CIDR network'),
  CIDR: when((value) => isCidr(value, 4) || isCidr(value, 6), 'value does not look like a valid CIDR network'),
  IPorCIDR: when(
    (value) => isIp(value) || isCidr(value, 4) || isCidr(value, 6),
    'value does not look like a valid IP address or CIDR network',
  ),
  'dns-name': fits(dnsName, 'value does not look like a valid DNS name'),
  address: when((value) => isIp(value) || dnsName.test(value), 'value does not look like a valid address: VALUE'),
  'disk-size': fits(/^\d+(\.\d+)?[KMGT]?$/, 'value does not look like a valid disk size: VALUE'),
  email: fits(/^[^\s@]+@[^\s@]+$/, 'value does not look like a valid email address'),
  'pve-calendar-event': when(isCalendarEvent, "unable to parse calendar event 'VALUE'"),
  'prune-backups': when(isPruning, "invalid format - 'VALUE' is not what prune-backups takes"),
  'storage-pair': fits(
    /^(?:1|[a-z][a-z0-9\-_.]*[a-z0-9](?::[a-z][a-z0-9\-_.]*[a-z0-9])?)$/i,
    "entry 'VALUE' contains invalid ID",
  ),
}

/** Numbers of what is kept, each kind once; `keep-all` stands alone. */
function isPruning(value: string): boolean {
  const parts = value.split(',')
  const keys = parts.map((part) => /^keep-(last|hourly|daily|weekly|monthly|yearly)=\d+$|^(keep-all)=[01]$/.exec(part))
  const names = keys.map((key) => key?.[1] ?? key?.[2])
  if (names.includes(undefined) || new Set(names).size < names.length) return false
  return !(value.includes('keep-all=1') && names.length > 1)
}

function isStartupOrder(value: string): boolean {
  const parts = value.split(',').filter((part) => part.trim() !== '')
  return value !== '' && parts.every((part) => /^(?:(?:order=)?\d+|(?:up|down)=\d+)$/.test(part))
}

function isTimezone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/**
 * Checks a value against a named format; `-list` means any number of them, `-opt` one or nothing. A format that the lab
 * does not know accepts everything. Returns what is wrong, or undefined.
 */
export function checkFormat(name: string, value: string, version: string): string | undefined {
  const [, base = name, kind] = /^(.*?)(?:-(list|opt))?$/.exec(name) ?? []
  const check = checks[kind ? base : name]
  if (!check || (kind === 'opt' && value === '')) return undefined
  if (kind !== 'list') return check(value, version)
  const items = value.split(/[\s,;\0]+/).filter(Boolean)
  return items.map((item) => check(item, version)).find((text) => text !== undefined)
}
