// What the values of options become when Proxmox VE keeps them: numbers, lists, MAC addresses, generated ids.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { formatProperties, parseProperties, toList } from './property.ts'

const SPACE_LISTS = new Set(['nameserver', 'searchdomain'])
const NIC_MODELS = [
  'virtio',
  'e1000',
  'e1000e',
  'rtl8139',
  'vmxnet3',
  'ne2k_pci',
  'pcnet',
  'i82551',
  'i82557b',
  'i82559er',
]
/** Proxmox's own prefix of generated addresses. */
const MAC_PREFIX = 'BC:24:11'

/** A parameter as configuration keeps it: booleans as 1 and 0, lists as one text. */
export function plainValue(key: string, value: unknown): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'number') return value
  if (key === 'tags') return [...new Set(toList(value).map((tag) => tag.toLowerCase()))].sort().join(';')
  if (Array.isArray(value)) return value.map(String).join(SPACE_LISTS.has(key) ? ' ' : ',')
  return String(value)
}

export function randomMac(): string {
  const tail = [...randomBytes(3)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'))
  return `${MAC_PREFIX}:${tail.join(':')}`
}

/** `virtio=MAC,bridge=…` of a VM: the parts in Proxmox's order, with a new MAC where none was given. */
export function vmNic(text: string): string {
  const { model: named, macaddr, ...rest } = parseProperties(text, 'model')
  const short = NIC_MODELS.find((model) => model in rest)
  const model = named ?? short ?? 'virtio'
  const mac = (short === undefined ? undefined : rest[short]) ?? macaddr ?? randomMac()
  if (short !== undefined) delete rest[short]
  return formatProperties({ ...rest, model: `${model}=${mac}` }, 'model')
}

/** `name=eth0,bridge=…` of a container, with `hwaddr` and `type` filled in. */
export function containerNic(text: string): string {
  const properties = parseProperties(text, 'name')
  properties.hwaddr ??= randomMac()
  properties.type ??= 'veth'
  return formatProperties(properties, '', ['name'])
}

/** SMBIOS settings with the uuid that makes the VM recognisable. */
export function smbios(text: string | undefined): string {
  const properties = text === undefined || text === '' ? {} : parseProperties(text, 'uuid')
  properties.uuid ??= randomUUID()
  return formatProperties(properties, '', [])
}

/** A password never stays in clear in the state of the lab. */
export function hashed(password: string): string {
  return `$5$${createHash('sha256').update(password).digest('hex')}`
}
