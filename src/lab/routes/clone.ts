// Copies of guests, and templates to make copies of.
import type { ConfigRules } from '../config-rules.ts'
import { containerRules } from '../container-options.ts'
import { isCloudInit, parseDrive } from '../drive.ts'
import { type Config, getGuest, kindName } from '../guest.ts'
import { checkVmidFree, createInTask } from '../guest-create.ts'
import { checkConfigLock, withGuestLock } from '../guest-lock.ts'
import { randomMac } from '../option-value.ts'
import { parseProperties } from '../property.ts'
import { failure } from '../refusal.ts'
import { demand } from '../rights.ts'
import type { Call, Handler, Routes } from '../route.ts'
import { type Job, startTask } from '../tasks.ts'
import { vmRules } from '../vm-options.ts'
import { allocateDisk, findVolume } from '../volume.ts'
import { forgetVolumes, storageOf } from '../volume-index.ts'
import type { GuestState, World } from '../world.ts'

const COPY_MS = 500
const TEMPLATE_MS = 50
const NOT_COPIED = /^(template|lock|vmgenid|snapshots|parent|unused\d+)$/

function clone(rules: ConfigRules): Handler {
  return (call) => {
    const { params, world } = call
    const source = getGuest(call, rules.kind)
    checkConfigLock(source)
    const vmid = Number(params.newid)
    const node = String(params.target ?? source.node)
    checkVmidFree(world, rules.kind, vmid)
    if (params.full === false && source.config.template !== 1) {
      throw failure(`Linked clone feature is only available for templates, and ${source.vmid} is none`)
    }
    if (params.storage !== undefined) demand(call, `/storage/${params.storage}`, ['Datastore.AllocateSpace'])
    const pool = params.pool === undefined ? {} : { pool: String(params.pool) }
    if (pool.pool !== undefined && !world.state.pools[pool.pool]) throw failure(`pool '${pool.pool}' does not exist`)
    const config: Config = { lock: 'create' }
    const guest: GuestState = { vmid, kind: rules.kind, node, status: 'stopped', config, pending: {}, ...pool }
    return createInTask(call, guest, rules, (job) => copyGuest(call, source, guest, rules, job))
  }
}

async function copyGuest(
  call: Call,
  source: GuestState,
  guest: GuestState,
  rules: ConfigRules,
  job: Job,
): Promise<void> {
  const { params, world } = call
  await job.take(COPY_MS)
  for (const [key, value] of Object.entries(source.config)) {
    if (NOT_COPIED.test(key)) continue
    guest.config[key] = copyValue(world, source, guest, rules, key, value, params.storage)
  }
  const nameKey = rules.kind === 'qemu' ? 'name' : 'hostname'
  const fallback = `Copy-of-${kindName(rules.kind)}-${source.config[nameKey] ?? source.vmid}`
  guest.config[nameKey] = String(params[nameKey] ?? fallback)
  if (params.description !== undefined) {
    guest.config.description = await rules.place(world, guest, 'description', params.description)
  }
  if (rules.kind !== 'qemu') return
  guest.config.vmgenid = await rules.place(world, guest, 'vmgenid', '1')
  const { uuid: _, ...smbios } = parseProperties(String(source.config.smbios1 ?? ''), 'base64')
  const kept = Object.entries(smbios).filter(([, value]) => value !== '')
  guest.config.smbios1 = await rules.place(world, guest, 'smbios1', kept.map((pair) => pair.join('=')).join(','))
}

/** A copy of one value: new volumes, new MAC addresses, the rest as it is. */
function copyValue(
  world: World,
  source: GuestState,
  guest: GuestState,
  rules: ConfigRules,
  key: string,
  value: string | number,
  storage: unknown,
): string | number {
  if (/^net\d+$/.test(key)) return String(value).replace(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/i, randomMac())
  const volid = rules.volumeOf(key, value)
  const volume = volid === undefined ? undefined : findVolume(world, source.node, volid)
  if (!volume) return value
  const cloudInit = isCloudInit(parseDrive(volume.volid))
  const copy = allocateDisk(world, {
    node: guest.node,
    vmid: guest.vmid,
    storage: String(storage ?? storageOf(volume.volid)),
    bytes: volume.sizeBytes,
    content: rules.kind === 'qemu' ? 'images' : 'rootdir',
    ...(cloudInit ? { name: 'cloudinit' } : {}),
  })
  return String(value).replace(volume.volid, copy.volid)
}

function makeTemplate(rules: ConfigRules): (call: Call) => GuestState {
  return (call) => {
    const guest = getGuest(call, rules.kind)
    const name = kindName(rules.kind)
    checkConfigLock(guest)
    if (guest.config.template === 1) throw failure(`you can't convert a template to a template`)
    if (guest.status === 'running') throw failure(`you can't convert a ${name} to template if ${name} is running`)
    return guest
  }
}

/** A template's disks cannot be written any more, which their names say. */
function freeze({ world }: Call, guest: GuestState, rules: ConfigRules): void {
  for (const [key, value] of Object.entries(guest.config)) {
    const volid = rules.volumeOf(key, value)
    const volume = volid === undefined ? undefined : findVolume(world, guest.node, volid)
    if (!volume || isCloudInit(parseDrive(volume.volid)) || key.startsWith('unused')) continue
    const before = volume.volid
    volume.volid = before.replace(/\b(vm|subvol)-(\d+-disk)/, (_, kind: string, rest: string) => {
      return `${kind === 'vm' ? 'base' : 'basevol'}-${rest}`
    })
    guest.config[key] = String(value).replace(before, volume.volid)
  }
  guest.config.template = 1
  forgetVolumes(world.state)
  world.changed()
}

export const cloneRoutes: Routes = {
  'POST /nodes/{node}/qemu/{vmid}/clone': clone(vmRules),
  'POST /nodes/{node}/lxc/{vmid}/clone': clone(containerRules),
  'POST /nodes/{node}/qemu/{vmid}/template': (call) => {
    const guest = makeTemplate(vmRules)(call)
    const { node, vmid } = guest
    return startTask(call.world, { node, type: 'qmtemplate', id: String(vmid), who: call.who }, (job) =>
      withGuestLock(call.world, guest, async () => {
        await job.take(TEMPLATE_MS)
        freeze(call, guest, vmRules)
      }),
    )
  },
  'POST /nodes/{node}/lxc/{vmid}/template': (call) => {
    freeze(call, makeTemplate(containerRules)(call), containerRules)
    return null
  },
}
