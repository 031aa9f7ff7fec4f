// orion mesh client add and remove: one person's device, under the guard of the gateway that it dials.
import { EXIT, OrionError } from '../errors.ts'
import type { Change } from '../host/guard.ts'
import type { Host, Seen } from '../host/host.ts'
import type { Outside } from '../resource.ts'
import type { Site } from '../site/site.ts'
import { agree } from './agreement.ts'
import type { Change as Recorded } from './journal.ts'
import { type Handed, handOver, openOut } from './mesh-client-out.ts'
import type { Result, Talk } from './net.ts'
import type { SiteFlags } from './session.ts'
import { getPlace, say } from './talk.ts'

/** As parts/mesh/client-key.ts has them. */
interface Keys {
  readonly publicKey: string
  readonly privateKey?: string
  readonly presharedKey?: string
}

/** The gateway's side of it (parts/mesh/client.ts). */
interface ClientWay {
  readonly gateway: string
  readonly address: string
  readonly isPostQuantum: boolean
  host(outside: Outside): Promise<Host>
  read(host: Host): Promise<Seen>
  isThere(seen: Seen): boolean
  refuseKey(seen: Seen, key: string): void
  change(seen: Seen, key: string | undefined): Omit<Change, 'confirmWithinSeconds'>
  prove(fresh: Host, key: string | undefined): Promise<readonly string[]>
  keepSecret(host: Host, presharedKey: string): Promise<void>
  tidy(host: Host): Promise<void>
  configuration(seen: Seen, keys: Keys): string
}

interface Wish extends SiteFlags {
  readonly name: string
  readonly yes: boolean
  readonly 'confirm-within'?: number | undefined
  readonly way: (site: Site, name: string, verb: 'add' | 'remove') => ClientWay
}

export interface Add extends Wish {
  readonly 'public-key'?: string | undefined
  readonly psk: boolean
  readonly out?: string | undefined
  /** A pair and a preshared key, made here (parts/mesh/client-key.ts). */
  readonly makeKeys: () => Required<Keys>
}

const CONFIRM_SECONDS = 60

/**
 * Lets the device in and prints its configuration once. Errors: E_USAGE (no line in the site file, there already, a bad key, FILE
 * exists), E_CONFIRM, E_LOCKED, E_HOST_FACTS, and those of the guard: then nobody was let in and nothing is printed.
 */
export async function addClient(talk: Talk, wish: Add): Promise<Result> {
  const { name } = wish
  const way = wish.way(talk.session.site, name, 'add')
  const host = await way.host(talk.session.outside)
  const check = (seen: Seen) => {
    if (way.isThere(seen)) throw isThere(way, name)
    if (wish['public-key'] !== undefined) way.refuseKey(seen, wish['public-key'])
  }
  check(await way.read(host))
  await say(talk, getPlace(talk))
  await say(talk, `${name} dials ${way.gateway} and is ${way.address} in the mesh.`)
  if (way.isPostQuantum && wish['public-key'] !== undefined && !wish.psk)
    await say(talk, `Without --psk its tunnel is classical: what is recorded of it today may be read one day.`)
  await agree({
    ...talk,
    question: `Let ${name} into the mesh${talk.session.lab ? ' in the lab' : ''}?`,
    yes: wish.yes,
  })
  const out = await openOut(wish.out)
  try {
    const steps = [{ id: `mesh-client:${way.gateway}/${name}`, verb: 'create' }]
    const handed = await locked(talk, { command: `mesh client add ${name}`, flags: wish, steps }, async () => {
      // Somebody may have been first.
      const seen = await way.read(host)
      check(seen)
      return letIn(talk, wish, { way, host, seen })
    })
    return await handOver(talk, wish, handed, out)
  } catch (error) {
    await out?.drop()
    throw error
  }
}

interface There {
  readonly way: ClientWay
  readonly host: Host
  readonly seen: Seen
}

async function letIn(talk: Talk, wish: Add, { way, host, seen }: There): Promise<Handed> {
  const keys = keysFor(wish)
  await way.tidy(host)
  if (keys.presharedKey !== undefined) await way.keepSecret(host, keys.presharedKey)
  try {
    await change(talk, wish, { way, host, seen }, keys.publicKey)
  } catch (error) {
    // What cannot be tidied now is by the next one that comes or goes.
    await way.tidy(host).catch(() => undefined)
    throw error
  }
  const { gateway, address } = way
  const { publicKey } = keys
  const whole = keys.privateKey !== undefined
  return { client: wish.name, gateway, address, publicKey, configuration: way.configuration(seen, keys), whole }
}

function keysFor({ 'public-key': publicKey, psk, makeKeys }: Add): Keys {
  if (publicKey === undefined) return makeKeys()
  return psk ? { publicKey, presharedKey: makeKeys().presharedKey } : { publicKey }
}

/** Takes the device out of the mesh. Errors: E_USAGE, E_CONFIRM, E_LOCKED, and those of the guard. */
export async function removeClient(talk: Talk, wish: Wish): Promise<Result> {
  const { name } = wish
  const way = wish.way(talk.session.site, name, 'remove')
  const host = await way.host(talk.session.outside)
  const document = { site: talk.session.site.name, client: name, gateway: way.gateway }
  await say(talk, getPlace(talk))
  if (!way.isThere(await way.read(host))) {
    await way.tidy(host)
    await say(talk, `Nothing to do: ${name} was not added.`)
    return { exit: EXIT.ok, document }
  }
  await agree({
    ...talk,
    question: `Take ${name} out of the mesh${talk.session.lab ? ' in the lab' : ''}?`,
    yes: wish.yes,
  })
  const command = `mesh client remove ${name}`
  const steps = [{ id: `mesh-client:${way.gateway}/${name}`, verb: 'remove' }]
  await locked(talk, { command, flags: wish, steps }, async () => {
    await change(talk, wish, { way, host, seen: await way.read(host) }, undefined)
    await way.tidy(host)
  })
  await say(talk, `Done: ${way.gateway} knows ${name} no more. Its line may go from the site file, too.`)
  return { exit: EXIT.ok, document }
}

async function change(talk: Talk, wish: Wish, { way, host, seen }: There, key: string | undefined): Promise<void> {
  const confirmWithinSeconds = wish['confirm-within'] ?? CONFIRM_SECONDS
  const note = (text: string) => void say(talk, `${way.gateway}: ${text}`)
  const prove = (fresh: Host) => way.prove(fresh, key)
  await host.guard.change({ ...way.change(seen, key), confirmWithinSeconds }, { note, prove })
}

async function locked<T>(talk: Talk, change: Recorded, work: () => Promise<T>): Promise<T> {
  const { lockSite } = await import('../engine/lock.ts')
  const { record } = await import('./journal.ts')
  const { dir, site } = talk.session
  const lock = await lockSite(dir, { site: site.name, command: change.command })
  try {
    return await record(talk, change, work)
  } finally {
    await lock.release()
  }
}

function isThere({ gateway }: ClientWay, name: string): OrionError {
  return new OrionError(
    `${name} is a client of ${gateway} already; its configuration was printed once and kept nowhere`,
    {
      code: 'E_USAGE',
      suggestions: [`for a new key: orion mesh client remove ${name}, and then this again`],
    },
  )
}
