// The API of one Proxmox VE version as the lab checks it: which endpoints there are, and what each accepts.
import { readFileSync } from 'node:fs'
import { changesOf } from './schema-pve9.ts'

/** What a value must look like, in the words of Proxmox VE's own JSON schema. */
export interface Property {
  readonly type?: string
  readonly optional?: number
  readonly enum?: readonly string[]
  /** Name of a format, or the sub-schema of a property string. */
  readonly format?: string | Readonly<Record<string, Property>>
  readonly pattern?: string
  readonly minimum?: number | string
  readonly maximum?: number | string
  readonly minLength?: number
  readonly maxLength?: number
  readonly default?: string | number
  readonly default_key?: number
  readonly alias?: string
  readonly keyAlias?: string
  readonly requires?: string
  readonly items?: Property
}

/** Who may call: `{user: 'all' | 'world'}`, or a check in the form of an expression; nothing = only root@pam. */
export interface Permissions {
  readonly user?: string
  readonly check?: readonly unknown[]
}

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/nodes/{node}/qemu/{vmid}/config` */
  readonly template: string
  /** Path and body parameters by name. */
  readonly params: Readonly<Record<string, Property>>
  /** Indexed families: `net` → net0 … net31. */
  readonly families: Readonly<Record<string, { readonly last: number; readonly property: Property }>>
  readonly permissions: Permissions | undefined
  readonly allowtoken: boolean
}

export interface Schema {
  /** The endpoint of a method and a path without /api2/json, with the decoded ids of the path. */
  find(method: string, path: string): { endpoint: Endpoint; ids: Record<string, string> } | undefined
  /** Every `METHOD /template`. */
  readonly keys: readonly string[]
  endpoint(key: string): Endpoint | undefined
}

/** One endpoint in pve-schema.json: names end in `?` where optional, types are names into `types`. */
export interface RawEndpoint {
  readonly params?: Readonly<Record<string, string>>
  readonly permissions?: Permissions
  readonly allowtoken?: number
}
export interface RawSchema {
  readonly types: Readonly<Record<string, Property>>
  readonly endpoints: Readonly<Record<string, RawEndpoint>>
}

interface Branch {
  readonly literal: Map<string, Branch>
  id?: { readonly name: string; readonly branch: Branch }
  readonly endpoints: Map<string, string>
}

// What the ids of a path must look like; the model only knows them as strings.
const idTypes: Readonly<Record<string, Property>> = {
  node: { type: 'string', format: 'pve-node' },
  vmid: { type: 'integer', format: 'pve-vmid', minimum: 100, maximum: 999999999 },
  storage: { type: 'string', format: 'pve-storage-id' },
  roleid: { type: 'string', format: 'pve-roleid' },
  userid: { type: 'string', format: 'pve-userid', maxLength: 64 },
  poolid: { type: 'string', format: 'pve-poolid' },
  groupid: { type: 'string', format: 'pve-groupid' },
  tokenid: { type: 'string', pattern: '[A-Za-z][A-Za-z0-9\\.\\-_]+' },
  realm: { type: 'string', format: 'pve-realm', maxLength: 32 },
  snapname: { type: 'string', format: 'pve-configid', maxLength: 40 },
  iface: { type: 'string', format: 'pve-iface', minLength: 2, maxLength: 20 },
}

const schemas = new Map<string, Schema>()

/** The schema of a version such as `9.1.4`; read once per process and line (8 or 9). */
export function schemaOf(version: string): Schema {
  const line = Number.parseInt(version, 10) >= 9 ? '9' : '8'
  const known = schemas.get(line)
  if (known) return known
  const raw = JSON.parse(readFileSync(new URL('./pve-schema.json', import.meta.url), 'utf8')) as RawSchema
  const schema = makeSchema(changesOf(line)(raw))
  schemas.set(line, schema)
  return schema
}

function makeSchema(raw: RawSchema): Schema {
  const root = newBranch()
  const keys = Object.keys(raw.endpoints)
  for (const key of keys) plant(root, key)
  const made = new Map<string, Endpoint>()
  const endpoint = (key: string): Endpoint | undefined => {
    const rawEndpoint = raw.endpoints[key]
    if (!rawEndpoint) return undefined
    const known = made.get(key) ?? makeEndpoint(key, rawEndpoint, raw.types)
    made.set(key, known)
    return known
  }
  const find: Schema['find'] = (method, path) => {
    const ids: Record<string, string> = {}
    const key = walk(root, path.split('/').filter(Boolean), ids)?.endpoints.get(method)
    const found = key === undefined ? undefined : endpoint(key)
    return found && { endpoint: found, ids }
  }
  return { find, keys, endpoint }
}

function newBranch(): Branch {
  return { literal: new Map(), endpoints: new Map() }
}

function plant(root: Branch, key: string): void {
  const [method = '', template = ''] = key.split(' ')
  let branch = root
  for (const part of template.split('/').filter(Boolean)) {
    if (part.startsWith('{')) {
      branch.id ??= { name: part.slice(1, -1), branch: newBranch() }
      branch = branch.id.branch
    } else {
      const next = branch.literal.get(part) ?? newBranch()
      branch.literal.set(part, next)
      branch = next
    }
  }
  branch.endpoints.set(method, key)
}

function walk(root: Branch, parts: readonly string[], ids: Record<string, string>): Branch | undefined {
  let branch = root
  for (const [index, part] of parts.entries()) {
    const literal = branch.literal.get(part)
    const id = literal ? undefined : branch.id
    if (!literal && !id) return undefined
    if (id) {
      // A volume's id takes the rest of the path, slashes and all: …/content/local:iso/debian.iso
      const text = id.name === 'volume' ? parts.slice(index).join('/') : part
      ids[id.name] = decode(text)
      if (id.name === 'volume') return id.branch
    }
    branch = literal ?? id?.branch ?? branch
  }
  return branch
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function makeEndpoint(key: string, raw: RawEndpoint, types: RawSchema['types']): Endpoint {
  const [method, template = ''] = key.split(' ') as [Endpoint['method'], string]
  const params: Record<string, Property> = {}
  const families: Record<string, { last: number; property: Property }> = {}
  for (const [, name = ''] of template.matchAll(/\{([^}]+)\}/g)) params[name] = idTypes[name] ?? { type: 'string' }
  for (const [shown, typeName] of Object.entries(raw.params ?? {})) {
    const [, name = '', last, optional] = /^([^?[]+)(?:\[(\d+)\])?(\?)?$/.exec(shown) ?? []
    const property: Property = { ...types[typeName], ...(optional ? { optional: 1 } : {}) }
    if (last === undefined) params[name] = property
    else families[name] = { last: Number(last), property }
  }
  return { method, template, params, families, permissions: raw.permissions, allowtoken: raw.allowtoken !== 0 }
}
