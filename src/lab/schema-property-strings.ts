// The property strings that Proxmox VE's schema only names: what may stand in `boot`, `hostpci0`, `ipconfig0` and so on.
import type { Property } from './schema.ts'

const optional = (property: Property): Property => ({ type: 'string', optional: 1, ...property })
const hexId = optional({ pattern: '0x[0-9a-fA-F]{4}' })
const flag = optional({ type: 'boolean' })
const count = optional({ type: 'integer', minimum: 0 })

/** Property strings that the schema only names. */
export const propertyFormats: Readonly<Record<string, Readonly<Record<string, Property>>>> = {
  'pve-qm-boot': {
    legacy: optional({ default_key: 1, pattern: '[acdn]{1,4}' }),
    order: optional({ format: 'pve-qm-bootdev-list' }),
  },
  'pve-qm-hostpci': {
    host: optional({
      default_key: 1,
      pattern:
        '(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?(?:;(?:[a-f0-9]{4,}:)?[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?)*',
    }),
    mapping: optional({ format: 'pve-configid' }),
    rombar: flag,
    romfile: optional({ pattern: '[^,;]+' }),
    pcie: flag,
    'x-vga': flag,
    'legacy-igd': flag,
    mdev: optional({ pattern: '[^/\\.:]+' }),
    'vendor-id': hexId,
    'device-id': hexId,
    'sub-vendor-id': hexId,
    'sub-device-id': hexId,
  },
  'pve-qm-ipconfig': {
    ip: optional({ format: 'pve-ipv4-config' }),
    gw: optional({ format: 'ipv4', requires: 'ip' }),
    ip6: optional({ format: 'pve-ipv6-config' }),
    gw6: optional({ format: 'ipv6', requires: 'ip6' }),
  },
  'pve-qm-smbios1': {
    uuid: optional({ pattern: '[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}' }),
    base64: flag,
    ...Object.fromEntries(
      ['manufacturer', 'product', 'version', 'serial', 'sku', 'family'].map((key) => [
        key,
        optional({ pattern: '[A-Za-z0-9+/]+={0,2}' }),
      ]),
    ),
  },
  'pve-qm-watchdog': {
    model: optional({ default_key: 1, enum: ['i6300esb', 'ib700'] }),
    action: optional({ enum: ['reset', 'shutdown', 'poweroff', 'pause', 'debug', 'none'] }),
  },
  'pve-qm-cicustom': Object.fromEntries(
    ['meta', 'network', 'user', 'vendor'].map((key) => [key, optional({ format: 'pve-volume-id' })]),
  ),
  'pve-vm-cpu-conf': {
    cputype: optional({ default_key: 1, format: 'pve-cpu-type' }),
    'reported-model': optional({}),
    hidden: flag,
    'hv-vendor-id': optional({ pattern: '[a-zA-Z0-9]{1,12}' }),
    flags: optional({ pattern: '[+-][a-zA-Z0-9\\-_.]+(?:;[+-][a-zA-Z0-9\\-_.]+)*' }),
    'phys-bits': optional({ pattern: 'host|\\d{1,2}' }),
    'guest-phys-bits': count,
    level: count,
  },
  'prune-backups': {
    'keep-all': flag,
    ...Object.fromEntries(
      ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'].map((key) => [`keep-${key}`, count]),
    ),
  },
  'backup-performance': { 'max-workers': count, 'pbs-entries-max': count },
}
