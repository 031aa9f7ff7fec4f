// One guest to another node: what a run that was killed began is followed, and never begun twice.
import { OrionError } from '../../errors.ts'
import type { Outside } from '../../resource.ts'
import { followMove, migrateGuest, movesOf } from '../../resources/guest-migrate.ts'
import { readGuest } from '../../resources/guest-state.ts'
import { dropBeforeMove } from '../../resources/old-snapshots.ts'
import type { Guest, Site } from '../../site/site.ts'
import type { Move } from './placing.ts'

type Tell = (text: string) => void

/** Looked at anew before it begins. Errors: E_PLAN_STALE where it is elsewhere by now; those of migrateGuest. */
export async function moveGuest(
  site: Site,
  outside: Outside,
  { guest: name, from, to }: Move,
  tell: Tell,
): Promise<void> {
  const guest = site.guests.find((one) => one.name === name)
  if (guest === undefined) throw new OrionError(`${site.name} has no guest named ${name}`, { code: 'E_PLAN_STALE' })
  await followGuest(outside, guest, from, tell)
  outside.pve.forget()
  const have = await readGuest(site, guest, outside)
  if (have === undefined) throw new OrionError(`${name} is not there any more`, { code: 'E_PLAN_STALE' })
  if (have.node === to) return tell(`${name} is on ${to} already`)
  if (have.node !== from) throw new OrionError(`${name} is on ${have.node} by now`, { code: 'E_PLAN_STALE' })
  await dropBeforeMove(site, guest, have, doing(outside, tell))
  await migrateGuest(guest, { from, to, running: have.running }, doing(outside, tell))
}

/** Waits for what moves it away from this node now. */
export async function followGuest(outside: Outside, guest: Guest, node: string, tell: Tell): Promise<void> {
  const way = doing(outside, tell)
  for (const upid of await movesOf(guest, node, way)) {
    tell(`${guest.name} leaves ${node} already: waiting for that`)
    await followMove(guest, upid, way)
  }
}

type Doing = Parameters<typeof movesOf>[2]

function doing(outside: Outside, tell: Tell): Doing {
  return { outside, note: (news) => (news.kind === 'task' || news.kind === 'log' ? undefined : tell(news.text)) }
}
