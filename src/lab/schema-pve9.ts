// What Proxmox VE 8.4 and 9 have beyond (or no longer have of) the 8.1 that proxmox-api's model describes.
import type { Permissions, Property, RawEndpoint, RawSchema } from './schema.ts'

/** Additions and removals, in the notation of pve-schema.json. */
interface Changes {
  readonly types?: Readonly<Record<string, Property>>
  /** Type → keys to add to its property string, or to take away (undefined). */
  readonly formats?: Readonly<Record<string, Readonly<Record<string, Property | undefined>>>>
  /** Endpoint (a pattern over all of them) → parameters to add, or to take away (undefined). */
  readonly params?: readonly (readonly [RegExp, Readonly<Record<string, string | undefined>>])[]
  readonly permissions?: readonly (readonly [RegExp, Permissions])[]
  readonly added?: Readonly<Record<string, RawEndpoint>>
  readonly removed?: readonly string[]
}

const flag: Property = { type: 'boolean', optional: 1 }
const vmConfig = /^(POST|PUT) \/nodes\/\{node\}\/qemu(\/\{vmid\}\/config)?$/
const ctConfig = /^(POST \/nodes\/\{node\}\/lxc|PUT \/nodes\/\{node\}\/lxc\/\{vmid\}\/config)$/
const storageWrite = /^(POST \/storage|PUT \/storage\/\{storage\})$/
const machineType =
  '(pc|pc(-i440fx)?-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|q35|pc-q35-\\d+(\\.\\d+)+(\\+pve\\d+)?(\\.pxe)?|virt(?:-\\d+(\\.\\d+)+)?(\\+pve\\d+)?)'
const anyAccessNetwork = [
  'or',
  ['perm', '/', ['Sys.Audit', 'Sys.Modify']],
  ['perm', '/nodes/{node}', ['Sys.AccessNetwork']],
]

// By 8.4, and still so in 9.
const since8: Changes = {
  types: {
    Tmachine: {
      type: 'string',
      format: {
        type: { type: 'string', optional: 1, default_key: 1, pattern: machineType, maxLength: 40 },
        viommu: { type: 'string', optional: 1, enum: ['intel', 'virtio'] },
        'enable-s3': flag,
        'enable-s4': flag,
      },
    },
    'download-content': { type: 'string', enum: ['iso', 'vztmpl', 'import'] },
    'notification-mode': { type: 'string', enum: ['auto', 'legacy-sendmail', 'notification-system'] },
    virtiofs: {
      type: 'string',
      format: {
        dirid: { type: 'string', format: 'pve-configid', default_key: 1 },
        cache: { type: 'string', optional: 1, enum: ['auto', 'always', 'metadata', 'never'] },
        'direct-io': flag,
        'expose-acl': flag,
        'expose-xattr': flag,
      },
    },
    'dir-map': {
      type: 'array',
      items: { type: 'string', format: { node: { type: 'string', format: 'pve-node' }, path: { type: 'string' } } },
    },
    'pci-map': {
      type: 'array',
      items: {
        type: 'string',
        format: {
          node: { type: 'string', format: 'pve-node' },
          path: {
            type: 'string',
            pattern:
              '[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?(?:;[a-f0-9]{4,}:[a-f0-9]{2}:[a-f0-9]{2}(?:\\.[a-f0-9])?)*',
          },
          id: { type: 'string', pattern: '[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}' },
          'subsystem-id': { type: 'string', optional: 1, pattern: '[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}' },
          iommugroup: { type: 'integer', optional: 1, minimum: 0 },
          description: { type: 'string', optional: 1 },
        },
      },
    },
    'new-password': { type: 'string', minLength: 8, maxLength: 64 },
  },
  formats: {
    Tdev: { 'deny-write': flag },
    Tscsi: {
      product: { type: 'string', optional: 1, pattern: '[A-Za-z0-9\\-_\\s]{0,16}' },
      vendor: { type: 'string', optional: 1, pattern: '[A-Za-z0-9\\-_\\s]{0,8}' },
    },
  },
  params: [
    [vmConfig, { 'amd-sev?': 'string', 'virtiofs[9]?': 'virtiofs' }],
    [/^POST \/nodes\/\{node\}\/qemu(\/\{vmid\}\/config)?$/, { 'import-working-storage?': 'pvestorageid' }],
    [/^POST .*\/(download-url|upload)$/, { content: 'download-content' }],
    [/^POST .*\/status\/stop$/, { 'overrule-shutdown?': 'boolean' }],
    [/^POST \/cluster\/mapping\/pci$/, { map: 'pci-map', 'live-migration-capable?': 'boolean' }],
    [/^PUT \/cluster\/mapping\/pci\/\{id\}$/, { 'map?': 'pci-map', 'live-migration-capable?': 'boolean' }],
    [/^(POST|PUT) \/cluster\/backup/, { 'fleecing?': 'string', 'notification-mode?': 'notification-mode' }],
    [/^(POST \/nodes\/\{node\}\/network|PUT \/nodes\/\{node\}\/network\/\{iface\})$/, { 'bridge_vids?': 'string' }],
    [/^POST \/access\/users$/, { 'password?': 'new-password' }],
    [/^PUT \/access\/password$/, { password: 'new-password', 'confirmation-password?': 'string' }],
  ],
  permissions: [
    [/\/query-url-metadata$/, { check: anyAccessNetwork }],
    [
      /\/download-url$/,
      { check: ['and', ['perm', '/storage/{storage}', ['Datastore.AllocateTemplate']], anyAccessNetwork] },
    ],
  ],
  added: {
    'GET /cluster/mapping/dir': { params: { 'check-node?': 'pvenode' }, permissions: { user: 'all' } },
    'GET /cluster/mapping/dir/{id}': {
      permissions: {
        check: ['perm', '/mapping/dir/{id}', ['Mapping.Audit', 'Mapping.Use', 'Mapping.Modify'], 'any', 1],
      },
    },
    'POST /cluster/mapping/dir': {
      params: { id: 'string', 'description?': 'String0_4096', map: 'dir-map' },
      permissions: { check: ['perm', '/mapping/dir', ['Mapping.Modify']] },
    },
    'PUT /cluster/mapping/dir/{id}': {
      params: {
        'description?': 'String0_4096',
        'map?': 'dir-map',
        'delete?': 'pveconfigidlist',
        'digest?': 'String0_64',
      },
      permissions: { check: ['perm', '/mapping/dir/{id}', ['Mapping.Modify']] },
    },
    'DELETE /cluster/mapping/dir/{id}': { permissions: { check: ['perm', '/mapping/dir', ['Mapping.Modify']] } },
    'GET /nodes/{node}/storage/{storage}/import-metadata': {
      params: { volume: 'string' },
      permissions: { user: 'all' },
    },
  },
}

const haRead: Permissions = { check: ['perm', '/', ['Sys.Audit']] }
const haWrite: Permissions = { check: ['perm', '/', ['Sys.Console']] }
const haRule = {
  'affinity?': 'ha-affinity',
  'comment?': 'String0_4096',
  'disable?': 'boolean',
  'nodes?': 'string',
  'strict?': 'boolean',
  type: 'ha-rule-type',
}
const agent = (...names: string[]): Permissions => ({
  check: ['perm', '/vms/{vmid}', [...names, 'VM.GuestAgent.Unrestricted'], 'any', 1],
})
const geometry = { cyls: undefined, heads: undefined, secs: undefined, trans: undefined }

const since9: Changes = {
  types: {
    'ct-entrypoint': { type: 'string', pattern: '[^\\x00-\\x08\\x10-\\x1F\\x7F]+' },
    'ha-affinity': { type: 'string', enum: ['positive', 'negative'] },
    'ha-rule-type': { type: 'string', enum: ['node-affinity', 'resource-affinity'] },
    'user-comment': { type: 'string', maxLength: 2048 },
    Ttype_19: {
      type: 'string',
      enum: 'btrfs cephfs cifs dir esxi iscsi iscsidirect lvm lvmthin nfs pbs rbd zfs zfspool'.split(' '),
    },
  },
  formats: {
    Tagent: { 'freeze-fs': flag, 'guest-fsfreeze': { alias: 'freeze-fs' } },
    Tefidisk0: { 'ms-cert': { type: 'string', optional: 1, enum: ['2011', '2023', '2023w', '2023k'] } },
    Ttpmstate0: { format: { type: 'string', optional: 1, enum: ['raw', 'qcow2', 'vmdk'] } },
    Tmachine: { 'aw-bits': { type: 'number', optional: 1, minimum: 32, maximum: 64 } },
    Tmp: { keepattrs: flag },
    Tnet_1: { 'host-managed': flag },
    Tide: geometry,
    Tsata: geometry,
    Tscsi: geometry,
    Tvirtio: geometry,
  },
  params: [
    [vmConfig, { 'allow-ksm?': 'boolean', 'intel-tdx?': 'string' }],
    [/^POST \/nodes\/\{node\}\/(qemu|lxc)$/, { 'ha-managed?': 'boolean' }],
    [ctConfig, { 'entrypoint?': 'ct-entrypoint', 'env?': 'string' }],
    [/^(POST \/cluster\/ha\/resources|PUT \/cluster\/ha\/resources\/\{sid\})$/, { 'failback?': 'boolean' }],
    [/^DELETE \/cluster\/ha\/resources\/\{sid\}$/, { 'purge?': 'boolean' }],
    [/^PUT \/nodes\/\{node\}\/network$/, { 'regenerate-frr?': 'boolean' }],
    [/^(POST|PUT) \/cluster\/backup/, { 'notification-policy?': undefined, 'notification-target?': undefined }],
    [/\/agent\/file-read$/, { 'count?': 'integer_Min1', 'decode?': 'boolean', 'offset?': 'integer_Min0' }],
    [/^(POST \/access\/users|PUT \/access\/users\/\{userid\})$/, { 'comment?': 'user-comment' }],
    [/^PUT \/access\/users\/\{userid\}\/token\/\{tokenid\}$/, { 'delete?': 'pveconfigidlist' }],
    [
      storageWrite,
      { 'snapshot-as-volume-chain?': 'boolean', 'zfs-base-path?': 'pvestoragepath', 'maxfiles?': undefined },
    ],
    [storageWrite, { 'skip-cert-verification?': 'boolean', 'server2?': undefined, 'transport?': undefined }],
    [/^POST \/storage$/, { type: 'Ttype_19', 'volume?': undefined }],
  ],
  permissions: [
    // The handlers look at VM.Replicate of the guest that the id names.
    [/^(POST|PUT|DELETE) \/cluster\/replication/, { user: 'all' }],
    [/^POST .*\/agent$/, agent()],
    [/\/agent\/(exec|exec-status|set-user-password)$/, agent()],
    [/\/agent\/(get-.*|info|ping|network-get-interfaces)$/, agent('VM.GuestAgent.Audit')],
    [/\/agent\/file-read$/, agent('VM.GuestAgent.FileRead')],
    [/\/agent\/file-write$/, agent('VM.GuestAgent.FileWrite')],
    [/\/agent\/(fsfreeze-freeze|fsfreeze-thaw|fstrim)$/, agent('VM.GuestAgent.FileSystemMgmt')],
    [/\/agent\/fsfreeze-status$/, agent('VM.GuestAgent.Audit', 'VM.GuestAgent.FileSystemMgmt')],
    [/\/agent\/(shutdown|suspend-.*)$/, agent('VM.PowerMgmt')],
    [/\/qemu\/\{vmid\}\/monitor$/, { check: ['perm', '/vms/{vmid}', ['Sys.Audit', 'Sys.Modify'], 'any', 1] }],
  ],
  added: {
    'GET /cluster/ha/rules': { params: { 'resource?': 'string', 'type?': 'ha-rule-type' }, permissions: haRead },
    'GET /cluster/ha/rules/{rule}': { permissions: haRead },
    'POST /cluster/ha/rules': { params: { ...haRule, rule: 'string', resources: 'string' }, permissions: haWrite },
    'PUT /cluster/ha/rules/{rule}': {
      params: { ...haRule, 'resources?': 'string', 'delete?': 'pveconfigidlist', 'digest?': 'String0_64' },
      permissions: haWrite,
    },
    'DELETE /cluster/ha/rules/{rule}': { permissions: haWrite },
    'GET /nodes/{node}/lxc/{vmid}/migrate': {
      params: { 'target?': 'pvenode' },
      permissions: { check: ['perm', '/vms/{vmid}', ['VM.Migrate']] },
    },
  },
  removed: ['GET /nodes/{node}/scan/glusterfs'],
}

/** The changes from the model to version line `8` (8.4) or `9`. */
export function changesOf(line: '8' | '9'): (raw: RawSchema) => RawSchema {
  return (raw) => (line === '9' ? [since8, since9] : [since8]).reduce(change, raw)
}

function change(raw: RawSchema, changes: Changes): RawSchema {
  const types: Record<string, Property> = { ...raw.types, ...changes.types }
  for (const [name, keys] of Object.entries(changes.formats ?? {})) {
    const type = types[name]
    if (type && typeof type.format === 'object') types[name] = { ...type, format: defined({ ...type.format, ...keys }) }
  }
  const endpoints: Record<string, RawEndpoint> = { ...raw.endpoints, ...changes.added }
  for (const key of changes.removed ?? []) delete endpoints[key]
  for (const [key, endpoint] of Object.entries(endpoints)) {
    const params = (changes.params ?? []).filter(([pattern]) => pattern.test(key)).map(([, more]) => more)
    const permissions = (changes.permissions ?? []).find(([pattern]) => pattern.test(key))?.[1]
    if (params.length === 0 && !permissions) continue
    const all = defined<string>(Object.assign({}, endpoint.params, ...params))
    endpoints[key] = { ...endpoint, params: all, ...(permissions ? { permissions } : {}) }
  }
  return { types, endpoints }
}

function defined<T>(record: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined))
}
