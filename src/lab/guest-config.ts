// Changing a guest's configuration: what is set, deleted and reverted, what is in force at once, and what waits.

import type { ConfigRules } from './config-rules.ts'
import { isCloudInit, parseDrive } from './drive.ts'
import { digestOf, kindName } from './guest.ts'
import { checkConfigLock, withGuestLock } from './guest-lock.ts'
import { checkHookscript } from './hookscript.ts'
import { plainValue } from './option-value.ts'
import { isRootTicket } from './permissions.ts'
import { toList } from './property.ts'
import { failure, invalid, textOf } from './refusal.ts'
import type { ApiError, Call } from './route.ts'
import type { Job } from './tasks.ts'
import { findVolume, freeVolume } from './volume.ts'
import type { GuestState, World } from './world.ts'

const CONTROL = new Set(['node', 'vmid', 'delete', 'revert', 'digest', 'force', 'skiplock', 'background_delay'])

export interface Change {
  readonly settings: Readonly<Record<string, unknown>>
  readonly deletes: readonly string[]
  readonly reverts: readonly string[]
}

/** Reads a change out of a request and checks it as a whole: known keys, no key twice, rights. Changes nothing. */
export function readChange(call: Call, guest: GuestState, rules: ConfigRules): Change {
  const { params } = call
  const settings = Object.fromEntries(Object.entries(params).filter(([key]) => !CONTROL.has(key)))
  const deletes = toList(params.delete)
  const reverts = toList(params.revert)
  for (const [name, keys] of Object.entries({ delete: deletes, revert: reverts })) {
    for (const key of keys) {
      if (!rules.isKnown(key)) throw wrong(name, `unknown option '${key}'`)
      if (key in settings) throw wrong(name, `you can't use '-${key}' and '-${name} ${key}' at the same time`)
      if (name === 'delete' && rules.required.test(key)) throw wrong(name, `unable to delete required option '${key}'`)
    }
  }
  const both = deletes.find((key) => reverts.includes(key))
  if (both !== undefined)
    throw wrong('revert', `you can't use '-delete ${both}' and '-revert ${both}' at the same time`)
  if (params.skiplock === true && !isRootTicket(call.who)) throw wrong('skiplock', 'Only root may use this option.')
  for (const key of [...deletes, ...reverts]) rules.checkRights(call, guest, key, undefined)
  for (const [key, value] of Object.entries(settings)) rules.checkRights(call, guest, key, plainValue(key, value))
  rules.checkWhole?.(guest, settings, deletes)
  if (settings.hookscript !== undefined) checkHookscript(call.world, guest, String(settings.hookscript))
  return { settings, deletes, reverts }
}

function wrong(parameter: string, text: string): ApiError {
  return invalid({ [parameter]: text })
}

/** Carries a change out under the guest's lock. A failed hotplug is a 400, and its change waits nevertheless. */
export async function changeConfig(
  call: Call,
  guest: GuestState,
  rules: ConfigRules,
  change: Change,
  job?: Job,
): Promise<void> {
  const { world, params } = call
  await withGuestLock(world, guest, async () => {
    if (params.digest !== undefined && params.digest !== digestOf(guest)) throw digestMismatch(guest)
    if (params.skiplock !== true) checkConfigLock(guest)
    for (const key of change.reverts) dropPending(world, guest, rules, key)
    for (const key of change.deletes) deleteKey(call, guest, rules, key)
    for (const [key, value] of Object.entries(change.settings)) {
      const placed = await rules.place(world, guest, key, value, job)
      dropPending(world, guest, rules, key)
      if (guest.config[key] !== placed) guest.pending[key] = placed
    }
    world.changed()
    applyChange(call, guest, rules)
  })
}

function digestMismatch(guest: GuestState): ApiError {
  return failure(
    guest.kind === 'qemu'
      ? 'checksum mismatch (file change by other user?)'
      : 'detected modified configuration - file changed by other user? Try again.',
  )
}

/** Forgets what waits for a key; a new disk that only waited there is kept as unused. */
function dropPending(world: World, guest: GuestState, rules: ConfigRules, key: string): void {
  const waiting = guest.pending[key]
  delete guest.pending[key]
  if (waiting === undefined || waiting === null) return
  const volume = rules.volumeOf(key, waiting)
  const active = guest.config[key]
  if (volume !== undefined && (active === undefined || rules.volumeOf(key, active) !== volume)) {
    parkVolume(world, guest, volume)
  }
}

function deleteKey(call: Call, guest: GuestState, rules: ConfigRules, key: string): void {
  const old = guest.config[key]
  dropPending(call.world, guest, rules, key)
  if (old === undefined) return
  const volume = rules.volumeOf(key, old)
  if (volume !== undefined && guest.config.protection === 1) {
    const what = key.startsWith('unused') ? 'unused disk' : 'drive'
    throw failure(`can't remove ${what} '${key}' - protection mode enabled`)
  }
  if (volume !== undefined && call.params.force === true) freeVolume(call.world, guest.node, volume)
  guest.pending[key] = null
  rules.forget?.(guest, key)
}

/** Makes waiting changes come true: all of a stopped guest, of a running one those that it takes at once. */
function applyChange(call: Call, guest: GuestState, rules: ConfigRules): void {
  const problems: Record<string, string> = {}
  for (const [key, value] of Object.entries(guest.pending)) {
    try {
      if (guest.status === 'stopped' || rules.hotplugs(call, guest, key, value)) {
        applyKey(call.world, guest, rules, key, value)
      }
    } catch (error) {
      problems[key] = textOf(error)
    }
  }
  call.world.changed()
  if (Object.keys(problems).length > 0) throw invalid(problems)
}

/** All that waited for a stop or a start. */
export function applyPending(world: World, guest: GuestState, rules: ConfigRules): void {
  for (const [key, value] of Object.entries(guest.pending)) applyKey(world, guest, rules, key, value)
  world.changed()
}

function applyKey(
  world: World,
  guest: GuestState,
  rules: ConfigRules,
  key: string,
  value: string | number | null,
): void {
  const { config } = guest
  const old = config[key]
  const oldVolume = old === undefined ? undefined : rules.volumeOf(key, old)
  const newVolume = value === null ? undefined : rules.volumeOf(key, value)
  delete guest.pending[key]
  delete config[key]
  if (oldVolume !== undefined && oldVolume !== newVolume) letGo(world, guest, key, oldVolume)
  if (value === null) return
  config[key] = value
  // A parked volume that is attached again is no longer unused.
  for (const [other, held] of Object.entries(config)) {
    if (/^unused\d+$/.test(other) && other !== key && held === newVolume) delete config[other]
  }
}

function letGo(world: World, guest: GuestState, key: string, volume: string): void {
  const worthless = key.startsWith('unused') || isCloudInit(parseDrive(volume))
  if (worthless) freeVolume(world, guest.node, volume)
  else parkVolume(world, guest, volume)
}

/** Keeps a detached volume under the first free `unusedN`, unless it is gone or named already. */
function parkVolume(world: World, guest: GuestState, volume: string): void {
  const { config } = guest
  const there = findVolume(world, guest.node, volume) !== undefined
  if (!there || Object.entries(config).some(([key, value]) => key.startsWith('unused') && value === volume)) return
  let index = 0
  while (`unused${index}` in config) index += 1
  config[`unused${index}`] = volume
}

/** Protection is a lock that only its owner takes away. */
export function checkProtection({ config, kind, vmid }: GuestState): void {
  if (config.protection === 1) throw failure(`can't remove ${kindName(kind)} ${vmid} - protection mode enabled`)
}
