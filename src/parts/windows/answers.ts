// Windows Setup's answers for one guest, and what its first logon runs: from the site file and the secrets, nothing else.
import { OrionError } from '../../errors.ts'
import { template } from '../../render.ts'
import type { SecretRefs } from '../../resources/host-secrets.ts'
import type { Guest, Nic, Unattended } from '../../site/site.ts'
import { escapeXml } from '../xml.ts'

interface Answers {
  readonly locale: string
  readonly keyboard: string
  readonly driverPaths: readonly string[]
  readonly drivers: readonly string[]
  /** '' = the first image of the disc. */
  readonly edition: string
  /** '' = none. */
  readonly productKey: string
  readonly computer: string
  readonly timezone: string
  readonly user: string
  readonly password: string
  readonly logon: string
}

interface Address {
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
  readonly prefix: string
  /** '' = none. */
  readonly gateway: string
}

interface Logon {
  readonly nics: readonly {
    readonly mac: string
    readonly addresses: readonly Address[]
    readonly dns: readonly string[]
  }[]
}

const renderAnswers = template<Answers>('windows/autounattend')
const renderLogon = template<Logon>('windows/first-logon')

/** Of virtio-win: the disk controller, network and memory balloon; without the first Setup sees no disk. */
const DRIVERS = ['vioscsi', 'NetKVM', 'Balloon'] as const
/** Nobody can say which letter the drivers' disc gets. */
const LETTERS = ['D', 'E', 'F', 'G', 'H', 'I'] as const

/** By the names under which `windowsAnswers` finds them. */
export function answerSecrets({ password, productKey }: Unattended): SecretRefs {
  return { password, ...(productKey === undefined ? {} : { productKey }) }
}

/** The two files of the disc. Errors: E_SECRET, E_SITE for a text that has no place in XML. */
export function windowsAnswers(
  guest: Guest,
  unattended: Unattended,
  secrets: ReadonlyMap<string, string>,
): readonly [answers: string, logon: string] {
  const { user, edition = '', locale, keyboard = locale, timezone } = unattended
  const plain = { user, edition, locale, keyboard, timezone, computer: computerName(guest.name) }
  const xml = (text: string, what: string) => escapeXml(text, `${what} of ${guest.name}`)
  const folder = driverFolder(guest, edition)
  const answers = renderAnswers({
    locale: xml(plain.locale, 'locale'),
    keyboard: xml(plain.keyboard, 'keyboard'),
    edition: xml(plain.edition, 'edition'),
    timezone: xml(plain.timezone, 'timezone'),
    user: xml(plain.user, 'user'),
    computer: xml(plain.computer, 'name'),
    driverPaths: LETTERS.flatMap((letter) => DRIVERS.map((driver) => `${letter}:\\${driver}\\${folder}\\amd64`)),
    drivers: DRIVERS.map((driver) => xml(onDisc(`\\${driver}\\${folder}\\amd64`, installFrom), 'drivers')),
    productKey: xml(secrets.get('productKey') ?? '', 'productKey'),
    password: toPassword(guest, secrets.get('password') ?? ''),
    logon: xml(onDisc('\\orion\\first-logon.ps1', runScript), 'logon'),
  })
  return [answers, renderLogon({ nics: guest.nics.flatMap((nic) => addressesOf(guest, nic)) })]
}

const installFrom = (path: string) => `pnputil /add-driver ${path}\\*.inf /install`
const runScript = (path: string) => `powershell -NoProfile -ExecutionPolicy Bypass -File ${path}`

function onDisc(path: string, run: (path: string) => string): string {
  return `cmd /c for %d in (${LETTERS.join(' ')}) do if exist %d:${path} ${run(`%d:${path}`)}`
}

// As Windows System Image Manager writes it ("hide sensitive data"): no sign of a password means anything there, a space at its
// end neither. It hides nothing from anybody.
function toPassword(guest: Guest, password: string): string {
  if (password === '') throw new OrionError(`the password of ${guest.name} is empty`, { code: 'E_SECRET' })
  return Buffer.from(`${password}Password`, 'utf16le').toString('base64')
}

/** The folders of virtio-win are named by version: of servers by year. */
function driverFolder({ ostype }: Guest, edition: string): string {
  const year = /\bServer (?:20)?(16|19|22|25)\b/i.exec(edition)?.[1]
  if (year !== undefined) return `2k${year}`
  return ostype === 'win10' || /\bWindows 10\b/i.test(edition) ? 'w10' : 'w11'
}

/** NetBIOS: 15 signs, and not digits alone. */
function computerName(name: string): string {
  const short = name
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 15)
    .replaceAll(/^-+|-+$/g, '')
  return /[^\d]/.test(short) ? short : `win-${short}`.slice(0, 15)
}

/** Windows asks DHCP and listens to routers by itself: only static addresses are set. */
function addressesOf(guest: Guest, { mac, ipv4, ipv6 }: Nic): Logon['nics'] {
  const found = [
    ...(typeof ipv4 === 'object' ? [toAddress('IPv4', ipv4)] : []),
    ...(typeof ipv6 === 'object' ? [toAddress('IPv6', ipv6)] : []),
  ]
  if (found.length === 0) return []
  return [{ mac: quotable(mac.toUpperCase().replaceAll(':', '-')), addresses: found, dns: guest.dns.map(quotable) }]
}

function toAddress(family: Address['family'], { cidr, gateway = '' }: { cidr: string; gateway?: string }): Address {
  const [address = '', prefix = ''] = cidr.split('/')
  return { family, address: quotable(address), prefix: quotable(prefix), gateway: quotable(gateway) }
}

/** Between single quotes of PowerShell; whatever else would be no address, and a mistake of ours. */
function quotable(text: string): string {
  if (/^[\w.:-]*$/.test(text)) return text
  throw new OrionError(`${text} is no address`, { code: 'E_SITE' })
}
