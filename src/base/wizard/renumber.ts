// A network that moves takes the addresses in it along: the host part stays.
import { contains, formatIp, parseCidr, parseIp, rangeLength } from '../../site/ip.ts'
import { get, isMap, type Path, set, toMap, type Value } from './value.ts'

const ADDRESSES = /^[\d.]+(?:-[\d.]+)?(?:\/\d{1,2})?$|^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:-[0-9A-Fa-f:.]+)?(?:\/\d{1,3})?$/

/** Addresses, ranges and CIDRs of `from` in `to`, everywhere but at `except`; as it is where either is no network. */
export function renumber(value: Value, from: string | undefined, to: string, except: readonly Path[] = []): Value {
  const [old, wanted] = [from === undefined ? undefined : parseCidr(from), parseCidr(to)]
  if (old === undefined || wanted === undefined || old.family !== wanted.family || from === to) return value
  const move = (text: string): string => {
    const ip = parseIp(text)
    if (ip === undefined || !contains(old, ip)) return text
    const offset = ip.first - old.first
    return offset < rangeLength(wanted) ? formatIp(wanted.family, wanted.first + offset) : text
  }
  const moved = walk(value, (text) => (text === from ? to : ADDRESSES.test(text) ? moveText(text, move) : text))
  return except.reduce((now, path) => (get(value, path) === undefined ? now : set(now, path, get(value, path))), moved)
}

/** `a`, `a-b`, `a/24`. */
function moveText(text: string, move: (address: string) => string): string {
  const [addresses = '', prefix] = text.split('/')
  const moved = addresses.split('-').map(move).join('-')
  return prefix === undefined ? moved : `${moved}/${prefix}`
}

function walk(value: Value, change: (text: string) => string): Value {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => walk(one, change))
  return isMap(value) ? toMap(Object.entries(value).map(([key, one]) => [key, walk(one, change)] as const)) : value
}
