// A small site with two nodes, and its guests as resources: for tests of snapshots, backups and copies in the lab.
import { storage as storagePart } from '../../src/parts/storage.ts'
import type { Resource } from '../../src/resource.ts'
import { vm } from '../../src/resources/vm.ts'
import type { Guest, Site } from '../../src/site/site.ts'
import { node, site, storage, vm as testVm } from '../site/site-builder.ts'
import { applyAll, type LabSite, openLabSite } from './lab-site.ts'

/** `web` (100) on ZFS, `raw` (101) on a folder, both stopped; `changes` are of every guest. */
export function snapshotSite(changes: Partial<Guest> = {}, parts: Partial<Site> = {}): Site {
  const own = { started: false, ...changes }
  return site({
    nodes: [node('pve'), node('pve2')],
    storage: [
      storage('tank', { options: { pool: 'tank' } }),
      storage('files', { type: 'dir', content: ['images', 'backup'], options: { path: '/srv' } }),
    ],
    guests: [testVm('web', 100, {}, { storage: 'tank', ...own }), testVm('raw', 101, {}, { storage: 'files', ...own })],
    ...parts,
  })
}

export function guestIn({ guests }: Site, name = 'web'): Guest {
  const found = guests.find((guest) => guest.name === name)
  if (!found) throw new Error(`no guest ${name}`)
  return found
}

/** The guests of a site as resources; with `change` they want something else. */
export function guestsOf(of: Site, change: Partial<Guest> = {}, names = ['web', 'raw']): readonly Resource[] {
  const wanted = of.guests.filter(({ name }) => names.includes(name)).map((guest) => ({ ...guest, ...change }))
  return wanted.map((guest) => vm(of, guest, { wishes: { restart: false }, needs: [] }))
}

/** The lab with the storages and the guests of a site. */
export async function openBuilt(of: Site): Promise<LabSite> {
  const lab = await openLabSite(of)
  const { counts, steps } = await applyAll(
    [...storagePart.resources(of, { restart: false }), ...guestsOf(of)],
    lab.outside,
  )
  lab.requests.length = 0
  if (counts.done === steps.length) return lab
  await lab.close()
  throw new Error(JSON.stringify(steps.filter(({ error }) => error)))
}

/** `/nodes/pve/qemu/100` of the lab, to be meddled with. */
export const inLab = ({ outside }: LabSite, vmid = 100) => outside.pve.cluster('pve').api.nodes.$('pve').qemu.$(vmid)

/** The names of all its snapshots, the oldest first. */
export async function namesIn(lab: LabSite, vmid = 100): Promise<readonly string[]> {
  const all = await inLab(lab, vmid).snapshot.$get()
  return all.map(({ name }) => name).filter((name) => name !== 'current')
}

/** Takes one as if orion had done it at that time (`20260101-000000`), or as somebody else. */
export async function takeIn(lab: LabSite, snapname: string, description = 'orion: test', vmid = 100): Promise<void> {
  await ended(lab, inLab(lab, vmid).snapshot.$post({ snapname, description }))
}

/** Waits for a task of the lab. */
export async function ended({ outside }: LabSite, upid: Promise<string>): Promise<void> {
  await outside.pve.cluster('pve').task(await upid, () => {})
}
