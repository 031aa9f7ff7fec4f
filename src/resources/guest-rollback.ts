// Going back: a guest becomes what it was when orion took a snapshot of it.
import { OrionError } from '../errors.ts'
import type { Difference, Outside, Resource } from '../resource.ts'
import type { Guest, Site } from '../site/site.ts'
import type { ListedSnapshot } from './guest-api.ts'
import { allSnapshots, isOwnSnapshot } from './guest-snapshot.ts'
import { type GuestState, readGuest, waitUnlocked } from './guest-state.ts'
import { type Doing, runTask } from './guest-task.ts'
import { parseProperties } from './property-string.ts'
import { storages } from './shared-reads.ts'

export interface RollbackHave {
  readonly state: GuestState
  readonly target: ListedSnapshot
  /** Ours, newer, and in the way: the newest first. */
  readonly newer: readonly ListedSnapshot[]
}

/**
 * The guest as of a snapshot of ours, or of the newest. It is done once: afterwards the guest stands on that snapshot.
 * Errors: E_USAGE where there is none, or no such one; E_FOREIGN for one that orion did not make for this site, also in the way.
 */
export function guestRollback(site: Site, guest: Guest, snapshot?: string): Resource<RollbackHave> {
  let isDone = false
  return {
    id: `rollback:${guest.node}/${guest.vmid}`,
    title: guest.name,
    needs: [],
    observe: (outside) => readRollback(site, guest, snapshot, outside),
    diff: (have) => (have === undefined ? [] : diffRollback(guest, have, isDone)),
    create: () => Promise.resolve(), // A guest that is not there is an error of the look.
    async update(outside, have, note) {
      await goBack(guest, have, { outside, note })
      isDone = true
    },
    remove: () => Promise.resolve(),
  }
}

function diffRollback(guest: Guest, { state, target, newer }: RollbackHave, isDone: boolean): readonly Difference[] {
  if (isDone && state.settings.get('parent')?.active === target.name) return []
  const want = `as of ${target.name}`
  const running = { have: 'running', want: `${want}, started again`, disrupts: guest.name }
  return [
    { field: 'state', ...(state.running ? running : { have: 'stopped', want }) },
    ...newer.map(({ name }) => ({ field: name, have: 'newer', want: 'removed' })),
  ]
}

async function readRollback(
  site: Site,
  guest: Guest,
  wanted: string | undefined,
  outside: Outside,
): Promise<RollbackHave> {
  const state = await readGuest(site, guest, outside)
  if (state === undefined) throw absent(guest)
  const all = await allSnapshots(guest, state.node, outside)
  const target = findTarget(site, guest, all, wanted)
  const newer = (await isNewestOnly(guest, state, outside)) ? all.slice(0, all.indexOf(target)) : []
  const foreign = newer.filter((one) => !isOwnSnapshot(site, one))
  if (foreign.length > 0) throw inTheWay(guest, target, foreign)
  return { state, target, newer }
}

function findTarget(
  site: Site,
  guest: Guest,
  all: readonly ListedSnapshot[],
  wanted: string | undefined,
): ListedSnapshot {
  const own = all.filter((one) => isOwnSnapshot(site, one))
  const found = wanted === undefined ? own[0] : all.find(({ name }) => name === wanted)
  if (found && own.includes(found)) return found
  const names = own.map(({ name }) => name)
  if (found)
    throw new OrionError(
      `${found.name} of ${guest.name} was not made by orion for this site, and orion leaves it alone`,
      {
        code: 'E_FOREIGN',
        suggestions: [`go back to it on ${guest.node}: ${toolOf(guest)} rollback ${guest.vmid} ${found.name}`],
      },
    )
  const what = wanted === undefined ? 'no snapshot that orion made' : `no snapshot ${wanted}`
  const suggestions =
    names.length > 0
      ? [`there is ${names.join(', ')}`]
      : ['orion makes one before it changes a guest, where its storage can']
  throw new OrionError(`${guest.name} has ${what}`, { code: 'E_USAGE', suggestions })
}

/** ZFS goes back to its newest snapshot alone: newer ones must go first. */
async function isNewestOnly(guest: Guest, { settings }: GuestState, outside: Outside): Promise<boolean> {
  const known = await storages(outside.pve.cluster(guest.node))
  return [...settings.values()].some(({ active = '' }) => {
    const properties = parseProperties(active, 'file')
    const name = (properties.get('file') ?? '').split(':')[0] ?? ''
    return known.get(name)?.type === 'zfspool'
  })
}

async function goBack(guest: Guest, { state, target, newer }: RollbackHave, doing: Doing): Promise<void> {
  await waitUnlocked(guest, state.node, doing.outside, state)
  for (const { name } of newer) await runTask(guest, state.node, doing, (api) => api.dropSnapshot(name))
  await runTask(guest, state.node, doing, (api) => api.rollback(target.name, state.running))
}

const toolOf = ({ kind }: Guest): string => (kind === 'vm' ? 'qm' : 'pct')

function absent({ name, vmid, node }: Guest): OrionError {
  return new OrionError(`${name} (${vmid} on ${node}) is not there: there is nothing to go back to`, {
    code: 'E_USAGE',
    suggestions: [`create it: orion vm apply --only ${name}`],
  })
}

function inTheWay(guest: Guest, target: ListedSnapshot, foreign: readonly ListedSnapshot[]): OrionError {
  const names = foreign.map(({ name }) => name).join(', ')
  return new OrionError(
    `${guest.name} cannot go back to ${target.name}: ZFS goes back to the newest snapshot alone, and ${names} is newer and not orion's`,
    {
      code: 'E_FOREIGN',
      suggestions: [`remove it after a look: ${toolOf(guest)} delsnapshot ${guest.vmid} ${foreign[0]?.name}`],
    },
  )
}
