// The settings of a simulated Tailscale, and the flags that change them.
import { isIP } from 'node:net'
import { isInside, networkAddress } from '../host/addresses.ts'
import { firstPreferences, type Preferences } from './tailscale-state.ts'

type Flags = ReadonlyMap<string, string>
type Refused = { readonly refused: string }

/** What a flag makes of a text; undefined = it does not take it. */
const FLAGS: Readonly<Record<string, readonly [keyof Preferences, (text: string) => unknown]>> = {
  'accept-dns': ['CorpDNS', toBoolean],
  'accept-routes': ['RouteAll', toBoolean],
  'advertise-routes': ['AdvertiseRoutes', (text) => toList(text, isNetwork)],
  'advertise-tags': ['AdvertiseTags', (text) => toList(text, (tag) => /^tag:[a-zA-Z][a-zA-Z0-9-]*$/.test(tag))],
}
export const SETTINGS: readonly string[] = Object.keys(FLAGS)

function toBoolean(text: string): boolean | undefined {
  return text === 'true' || (text === 'false' ? false : undefined)
}

function toList(text: string, isGood: (one: string) => boolean): readonly string[] | null | undefined {
  const list = text === '' ? [] : text.split(',')
  if (!list.every(isGood)) return undefined
  return list.length === 0 ? null : list
}

/** No bits beyond its prefix. */
function isNetwork(route: string): boolean {
  const [address = '', bits = ''] = route.split('/')
  const version = isIP(address)
  if (version === 0 || !/^\d+$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) return false
  const [first = ''] = networkAddress(route).split('/')
  return isInside(address, `${first}/${version === 4 ? 32 : 128}`)
}

/** `--name=value`, and `--name` for true. */
export function flagsOf(words: readonly string[], known: readonly string[]): Flags | Refused {
  const flags = new Map<string, string>()
  for (const word of words) {
    const [, name, value = 'true'] = /^--?([a-z-]+)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined) return { refused: 'too many non-flag arguments' }
    if (!known.includes(name)) return { refused: `flag provided but not defined: -${name}` }
    flags.set(name, value)
  }
  return flags
}

/** The settings with those of the flags; they are as they were where one is refused. */
export function merged(prefs: Preferences, flags: Flags): Preferences | Refused {
  const next: Record<string, unknown> = { ...prefs }
  for (const [name, text] of flags) {
    const [key, parse] = FLAGS[name] ?? []
    if (key === undefined || parse === undefined) continue
    const value = parse(text)
    if (value === undefined) return { refused: `invalid value ${JSON.stringify(text)} for flag --${name}` }
    next[key] = value
  }
  return { ...prefs, ...next }
}

/** Flags whose settings differ from the default, and that are not said. */
export function unsaidIn(prefs: Preferences, flags: Flags): string[] {
  const first = firstPreferences()
  const rows = Object.entries(FLAGS).filter(([name, [key]]) => !flags.has(name) && prefs[key] !== first[key])
  return rows.map(([name]) => name)
}
