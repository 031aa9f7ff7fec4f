// The scalars of the site file: names, sizes, durations, ranges and addresses, parsed to numbers with a unit or canonical text.
import { z } from 'zod'
import { show } from '../finding.ts'
import { formatIp, formatNetwork, parseCidr, parseIp } from '../ip.ts'
import { oneOf, parsed, text } from './words.ts'

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'

/** Names of the site, nodes and guests: one DNS label, because they become host names. */
export const hostName = text(new RegExp(`^${LABEL}$`), 'a name of letters, digits and hyphens (63 at most)')

/** Names that live in the site file and in Proxmox: networks, storages, images, devices, clusters, peers. */
export const name = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
  'a name of letters, digits and . _ - (63 at most)',
)

export const domain = text(new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`), 'a domain name')

/** A name that resolves, or an address. */
export const host = parsed(/^[A-Za-z0-9.:-]{1,253}$/, 'an address or a host name', (value) => {
  const ip = parseIp(value)
  if (ip !== undefined) return formatIp(ip.family, ip.first)
  // What looks like an address and is none would only fail later, in the resolver.
  if (value.includes(':') || /^[\d.]+$/.test(value)) return undefined
  return domain.safeParse(value).success ? value : undefined
})

export const timezone = parsed(/^[A-Za-z][A-Za-z0-9_+/-]*$/, 'a time zone such as Europe/Vienna or UTC', (value) => {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions()
    // Small letters for large ones are fine here, and no file of that name under /usr/share/zoneinfo of a host.
    return timeZone.toLowerCase() === value.toLowerCase() ? timeZone : value
  } catch {
    return undefined
  }
})

const UNITS = { K: 1 / 1024, M: 1, G: 1024, T: 1024 ** 2 } as const

/** A size in MiB: `512M`, `32G`, `1.5T` (units of 1024, as Proxmox counts them; `GiB` and `GB` are read alike). */
export const sizeMib = parsed(
  /^\d+(?:\.\d+)?\s?[MGT](?:i?B)?$/,
  'a size with its unit, such as 512M, 32G or 1.5T',
  (value) => {
    const mib = Number.parseFloat(value) * UNITS[unitOf(value)]
    return Number.isInteger(mib) && mib > 0 && mib <= 2 ** 40 ? mib : undefined
  },
).meta({ examples: ['512M', '32G'] })

/** As sizeMib, and `0` is allowed: it switches something off. */
export const sizeMibOrZero = oneOf([z.literal(0), sizeMib], '0, or a size such as 512M')

/** A disk's size in whole GiB: what Proxmox makes disks of. */
export const sizeGib = parsed(/^\d+(?:\.\d+)?\s?[GT](?:i?B)?$/, 'a size in whole GiB, such as 100G or 2T', (value) => {
  const gib = (Number.parseFloat(value) * UNITS[unitOf(value)]) / 1024
  return Number.isInteger(gib) && gib > 0 && gib <= 2 ** 30 ? gib : undefined
}).meta({ examples: ['100G', '2T'] })

function unitOf(value: string): keyof typeof UNITS {
  const letter = value.replace(/[\d.\s]/g, '')[0]
  return letter === 'G' || letter === 'T' || letter === 'K' ? letter : 'M'
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400 }

/** A duration in seconds: `60s`, `5m`, `48h`, `7d`. */
export const durationSeconds = parsed(/^\d{1,9}[smhd]$/, 'a duration such as 60s, 5m or 48h', (value) => {
  return Number.parseInt(value, 10) * (SECONDS[value.slice(-1)] ?? 1)
}).meta({ examples: ['60s', '5m'] })

/** Degrees Celsius: `80C`. */
export const celsius = parsed(/^-?\d{1,3}C$/, 'a temperature such as 80C', (value) => Number.parseInt(value, 10))

/** `25%`, from 1 to 100. */
export const percent = parsed(/^\d{1,3}%$/, 'a percentage such as 25%', (value) => {
  const number = Number.parseInt(value, 10)
  return number >= 1 && number <= 100 ? number : undefined
})

/** An address of either family, in canonical spelling. */
export const address = addressOf('an IP address', undefined)
export const address4 = addressOf('an IPv4 address', 4)
export const address6 = addressOf('an IPv6 address', 6)

function addressOf(what: string, family: 4 | 6 | undefined) {
  return parsed(/^[0-9A-Fa-f.:]+$/, what, (value) => {
    const ip = parseIp(value)
    return ip === undefined || (family !== undefined && ip.family !== family)
      ? undefined
      : formatIp(ip.family, ip.first)
  })
}

/** A network without host bits, in canonical spelling. */
export const network4 = networkOf('an IPv4 network such as 192.168.1.0/24', 4)
export const network6 = networkOf('an IPv6 network such as 2001:db8::/64', 6)
export const network = networkOf('a network such as 192.168.1.0/24 or 2001:db8::/64', undefined)

function networkOf(what: string, family: 4 | 6 | undefined) {
  return text(/^[0-9A-Fa-f.:]+\/\d{1,3}$/, what).transform((value, context): string => {
    const cidr = parseCidr(value)
    const fits = cidr !== undefined && (family === undefined || cidr.family === family)
    if (fits && cidr.address === cidr.first) return formatNetwork(cidr)
    const message = fits ? `${value} has host bits: the network is ${formatNetwork(cidr)}` : `"${value}" is not ${what}`
    context.addIssue({ code: 'custom', message, input: value })
    return z.NEVER
  })
}

/** A range of addresses, `192.168.1.100-192.168.1.199`, IPv4. */
export const addressRange4 = parsed(/^[\d.]+-[\d.]+$/, 'a range such as 192.168.1.100-192.168.1.199', (value) => {
  return rangeOf(value)
})

/** First and last address of `a-b` in order, of one family; undefined where it is no such range. */
export function rangeOf(value: string): { readonly first: string; readonly last: string } | undefined {
  const [from, to, more] = value.split('-').map(parseIp)
  if (from === undefined || to === undefined || more !== undefined || value.split('-').length !== 2) return undefined
  if (from.family !== to.family || from.first > to.first) return undefined
  return { first: formatIp(from.family, from.first), last: formatIp(to.family, to.first) }
}

const portError = { error: ({ input }: { input?: unknown }) => `${show(input)} is not a port: 1 to 65535` }
export const port = z.int().min(1, portError).max(65535, portError)
export const asn = z.int().min(1).max(4294967295)
/** Proxmox's own limits of a VMID. */
export const vmid = z.int().min(100).max(999_999_999)

/** One line of text without control characters: a value never becomes configuration of its own. */
export const line = text(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,1024}$/u, 'one line of text')
/** A path as programs take it: no control characters, no `..`, and no comma, which would split a property string. */
export const absolutePath = text(/^(?!.*\/\.\.(?:\/|$))\/[^\p{Cc}\p{Zl}\p{Zp},]{0,1023}$/u, 'an absolute path')
