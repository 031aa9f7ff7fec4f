// /nodes/{node}/lxc: the list of containers, making one from a template, its configuration.

import { needsNesting, systemOf } from '../appliance.ts'
import { containerRules, isMountKey } from '../container-options.ts'
import { checkStorage } from '../drive.ts'
import { configView, getGuest, guestRow, pendingView } from '../guest.ts'
import { changeConfig, readChange } from '../guest-config.ts'
import { checkSettings, checkVmidFree, createInTask, destroyGuest, reserveGuest } from '../guest-create.ts'
import { parseProperties } from '../property.ts'
import { failure, invalid } from '../refusal.ts'
import { demand, seesGuest } from '../rights.ts'
import type { Call, Routes } from '../route.ts'
import type { Job } from '../tasks.ts'
import { findVolume, getStorage } from '../volume.ts'
import { storageOf } from '../volume-index.ts'
import type { GuestState } from '../world.ts'

const CREATE_MS = 600
const DEFAULT_ROOT_GIB = 4
const CONTROL = new Set([
  ...['node', 'vmid', 'pool', 'start', 'storage', 'force', 'unique', 'ostemplate', 'restore', 'bwlimit', 'password'],
  ...['ssh-public-keys', 'ignore-unpack-errors', 'ha-managed', 'lock'],
])

function listContainers(call: Call): unknown {
  const { world, ids } = call
  return Object.values(world.state.guests)
    .filter((guest) => guest.kind === 'lxc' && guest.node === ids.node && seesGuest(call, guest))
    .map((guest) => guestRow(world, guest))
}

function createContainer(call: Call): unknown {
  const { params, world } = call
  if (params.restore === true) throw failure('restoring from an archive is not simulated by the lab')
  const nine = Number.parseInt(world.state.hardware.version, 10) >= 9
  const unprivileged = params.unprivileged ?? nine
  const guest = reserveGuest(call, 'lxc', unprivileged === true ? { unprivileged: 1 } : {})
  if (nine && unprivileged !== true) demand(call, '/', ['Sys.Modify'])
  checkVmidFree(world, 'lxc', guest.vmid)
  const settings = withDefaults(call, guest.node)
  checkTemplate(call, guest.node)
  checkSettings(call, guest, containerRules, settings)
  return createInTask(call, guest, containerRules, (job) => buildContainer(call, guest, settings, job))
}

function withDefaults(call: Call, node: string): Record<string, unknown> {
  const { params } = call
  const given = Object.entries(params).filter(([key]) => !CONTROL.has(key) && key !== 'unprivileged')
  const storage = String(params.storage ?? 'local')
  const root = params.rootfs === undefined ? { rootfs: `${storage}:${DEFAULT_ROOT_GIB}` } : {}
  if (params.rootfs === undefined) checkStorage(call, node, storage, 'rootdir')
  return { arch: 'amd64', hostname: `CT${params.vmid}`, memory: 512, swap: 512, ...root, ...Object.fromEntries(given) }
}

/** The template's storage must be there, and be readable; the file itself is only missed by the task. */
function checkTemplate(call: Call, node: string): void {
  const template = String(call.params.ostemplate)
  if (!template.includes(':')) {
    throw invalid({ ostemplate: 'unable to parse volume ID' })
  }
  const storage = storageOf(template)
  getStorage(call.world, node, storage)
  demand(call, `/storage/${storage}`, ['Datastore.Audit', 'Datastore.AllocateSpace'], { any: true })
}

async function buildContainer(
  call: Call,
  guest: GuestState,
  settings: Record<string, unknown>,
  job: Job,
): Promise<void> {
  const { world, params } = call
  const template = String(params.ostemplate)
  if (!findVolume(world, guest.node, template)) {
    throw failure(`volume '${template}' does not exist`)
  }
  const mountsLast = Object.keys(settings).sort((one, two) => Number(isMountKey(one)) - Number(isMountKey(two)))
  for (const key of mountsLast) guest.config[key] = await containerRules.place(world, guest, key, settings[key])
  job.log(`extracting archive '/var/lib/vz/template/cache/${template.split('/').at(-1)}'`)
  await job.take(CREATE_MS)
  job.log('Total bytes read: 552632320 (528MiB)')
  job.log(`Detected container architecture: ${guest.config.arch}`)
  const system = systemOf(template)
  guest.config.ostype ??= system.os
  if (params['ssh-public-keys'] !== undefined) job.log('Creating SSH host key - done')
  const { nesting } = parseProperties(String(guest.config.features ?? ''), '')
  if (guest.config.unprivileged === 1 && nesting !== '1' && needsNesting(system)) {
    job.warn(`Systemd ${system.systemd} detected. You may need to enable nesting.`)
  }
}

async function putConfig(call: Call): Promise<unknown> {
  const guest = getGuest(call, 'lxc')
  if ('unprivileged' in call.params) {
    throw invalid({ unprivileged: 'cannot be changed after creation' })
  }
  await changeConfig(call, guest, containerRules, readChange(call, guest, containerRules))
  return null
}

export const containerRoutes: Routes = {
  'GET /nodes/{node}/lxc': listContainers,
  'POST /nodes/{node}/lxc': createContainer,
  'GET /nodes/{node}/lxc/{vmid}': (call) => {
    getGuest(call, 'lxc')
    return ['config', 'pending', 'status', 'resize', 'interfaces'].map((subdir) => ({ subdir }))
  },
  'DELETE /nodes/{node}/lxc/{vmid}': (call) => destroyGuest(call, containerRules),
  'GET /nodes/{node}/lxc/{vmid}/config': (call) => configView(getGuest(call, 'lxc'), call.params.current === true),
  'PUT /nodes/{node}/lxc/{vmid}/config': putConfig,
  'GET /nodes/{node}/lxc/{vmid}/pending': (call) => pendingView(getGuest(call, 'lxc')),
}
