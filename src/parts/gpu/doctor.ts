// The checklist of a node that passes devices to guests: the node, each device, the mapping and the guests, as they are now.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { readNames } from '../../resources/device-sight.ts'
import { readHolders } from '../../resources/device-use.ts'
import { guestApi } from '../../resources/guest-api.ts'
import { settingsOf } from '../../resources/guest-state.ts'
import { NODE_NAME, readFacts, wishOf } from '../../resources/host-facts.ts'
import type { Settings } from '../../resources/setting.ts'
import { clusterGuests, mappings } from '../../resources/shared-reads.ts'
import type { Guest, Site } from '../../site/site.ts'
import { DEVICE_ROWS } from './doctor-device.ts'
import { checkGuest, checkHolders, checkMapping } from './doctor-guest.ts'
import { doctorFacts, getDoctorLook } from './doctor-look.ts'
import { NODE_ROWS } from './doctor-node.ts'
import { type DeviceView, type Finding, getViews, type Row, unknown } from './doctor-view.ts'
import { type Group, getGroups } from './groups.ts'
import { LOADER_NAMES } from './loader.ts'
import { getMachine } from './machine-read.ts'

export interface Check extends Finding {
  /** Of the checklist. */
  readonly step: number
  readonly name: string
  /** Name of the device of the site file; absent = of the node. */
  readonly device?: string
}

export interface DoctorPage {
  readonly node: string
  /** `Intel, UEFI, systemd-boot, kernel 6.14.8-2-pve` */
  readonly machine: readonly string[]
  readonly devices: readonly { readonly name: string; readonly slot?: string; readonly guests: readonly string[] }[]
  readonly checks: readonly Check[]
  readonly groups: readonly Group[]
}

/** The nodes that have devices in the site file; where none has, all of them. Pure. */
export function nodesToExamine(site: Site): readonly string[] {
  const having = site.nodes.filter(({ name }) => site.devices.some(({ node }) => node === name))
  return (having.length > 0 ? having : site.nodes).map(({ name }) => name)
}

/** Reads only. What the API does not tell is `unknown`. Errors: those of Host. */
export async function examine(site: Site, outside: Outside, name: string): Promise<DoctorPage> {
  const node = site.nodes.find((one) => one.name === name)
  if (node === undefined) throw new Error(`no node ${name}`)
  const paths = site.devices.filter((device) => device.node === name).map(({ path = '/dev/apex_0' }) => path)
  const wish = wishOf([NODE_NAME, ...doctorFacts(paths)])
  const seen = await readFacts(await outside.host(name), wish)
  const machine = getMachine(seen)
  const views = getViews(site, node, { machine, seen, look: getDoctorLook(seen) })
  const cluster = await Promise.all(views.devices.map((view) => checkCluster(site, outside, view)))
  const checks = [
    ...rowsOf(NODE_ROWS, views.node),
    ...views.devices.flatMap((view, at) => [...rowsOf(DEVICE_ROWS, view, view.device.name), ...(cluster[at] ?? [])]),
  ]
  const targets = views.devices.flatMap(({ target }) => target ?? [])
  return {
    node: name,
    machine: describe(machine),
    devices: views.devices.map(({ device, guests, target }) => ({
      name: device.name,
      ...(target?.slot ? { slot: target.slot } : {}),
      guests: guests.map((guest) => guest.name),
    })),
    checks: onlyNeededRestart(checks),
    groups: getGroups(machine, targets),
  }
}

const RESTART = ' --reboot now'

/** What is missing in the cluster and at the guests (steps 12 and 13) needs no restart where nothing of the node does. */
function onlyNeededRestart(checks: readonly Check[]): readonly Check[] {
  const isOfNode = ({ step }: Check) => step !== 12 && step !== 13
  if (checks.some((check) => isOfNode(check) && check.todo?.includes(RESTART))) return checks
  return checks.map(({ todo, ...check }) =>
    todo === undefined ? check : { ...check, todo: todo.replace(RESTART, '') },
  )
}

function describe({ isTold, cpu, firmware, kernel, loader }: ReturnType<typeof getMachine>): readonly string[] {
  if (!isTold) return []
  const names = { intel: 'Intel', amd: 'AMD', other: 'another processor' }
  const boot = loader.kind ? [LOADER_NAMES[loader.kind]] : []
  return [names[cpu], firmware === 'uefi' ? 'UEFI' : 'BIOS', ...boot, `kernel ${kernel}`]
}

function rowsOf<View>(rows: readonly Row<View>[], view: View, device?: string): readonly Check[] {
  return rows.flatMap(({ step, name, check }) => {
    const finding = check(view)
    return finding === undefined ? [] : [{ step, name, ...(device === undefined ? {} : { device }), ...finding }]
  })
}

/** Steps 12 and 13. */
async function checkCluster(site: Site, outside: Outside, view: DeviceView): Promise<readonly Check[]> {
  const { device, target, guests, isPassed } = view
  if (!isPassed || target === undefined) return []
  const cluster = outside.pve.cluster(device.node)
  const slot = target.slot === '' ? undefined : target.slot
  const rows: readonly (readonly [number, string, () => Promise<Finding | undefined>])[] = [
    [12, 'mapping', async () => checkMapping(view, target, (await mappings(cluster, 'pci')).get(device.name))],
    [
      13,
      'holder',
      async () => checkHolders(view, await readHolders(site, await readNames(view, slot, outside), outside)),
    ],
    ...guests
      .filter(({ kind }) => kind === 'vm')
      .map(
        (guest) =>
          [13, `VM ${guest.name}`, async () => checkGuest(view, guest, await settingsFor(outside, guest))] as const,
      ),
  ]
  const checks = await Promise.all(
    rows.map(async ([step, name, read]) => {
      const finding = await read().catch(toUnknown)
      return finding === undefined ? [] : [{ step, name, device: device.name, ...finding }]
    }),
  )
  return checks.flat()
}

function toUnknown(error: unknown): Finding {
  if (!(error instanceof OrionError) || error.code === 'E_INTERRUPTED') throw error
  return unknown(error.message)
}

/** Wherever it is by now; undefined = nowhere. */
async function settingsFor(outside: Outside, { kind, node, vmid }: Guest): Promise<Settings | undefined> {
  const cluster = outside.pve.cluster(node)
  const found = (await clusterGuests(cluster)).get(vmid)
  if (found?.kind !== kind) return undefined
  return settingsOf(await guestApi(cluster, kind, found.node, vmid).pending())
}
