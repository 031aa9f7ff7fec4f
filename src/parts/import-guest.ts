// A guest of an imported site: what virtual machines and containers have in common, and what is left as it is.
import { parseTags } from '../resources/guest-identity.ts'
import { parseProperties } from '../resources/property-string.ts'
import type { FoundGuest } from '../site/discovery.ts'
import { parseIp } from '../site/ip.ts'
import { printMib } from '../site/write.ts'
import { containerEntry, OF_CONTAINER } from './import-container.ts'
import type { Entry, Networks } from './import-network.ts'
import { nicEntries } from './import-nics.ts'
import type { Notes } from './import-notes.ts'
import { OF_VM, vmEntry } from './import-vm.ts'

export interface GuestPlace {
  /** As the site file calls it. */
  readonly name: string
  readonly networks: Networks
  /** Storages of the site file. */
  readonly storages: ReadonlySet<string>
  /** False = the site has one node, which need not be named. */
  readonly namesNode: boolean
  readonly notes: Notes
}

/** Of Proxmox VE itself, or of a moment. */
const PASSING =
  /^(meta|vmgenid|digest|arch|parent|lock|template|runningmachine|runningcpu|running-nets-host-mtu|snapstate|snaptime|unused\d+)$/
/** As it is where nobody says anything. */
const DEFAULTS: Readonly<Record<string, string>> = {
  numa: '0',
  kvm: '1',
  acpi: '1',
  tablet: '1',
  autostart: '0',
  freeze: '0',
}
const COMMON =
  /^(name|hostname|cores|memory|onboot|protection|startup|tags|description|nameserver|searchdomain|hookscript|net\d+|ostype)$/
const DESCRIPTION = /^[^\p{Cc}]*(?:[\n\t][^\p{Cc}]*)*$/u
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_+.-]{0,63}$/
const DOMAIN =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/
const HOOKSCRIPT = /^([A-Za-z][A-Za-z0-9._-]*):snippets\/[A-Za-z0-9._-]+$/
const LONGEST = 8192

/** Everything that the site file has words for; the rest is named in a note, and orion leaves it alone. */
export function guestEntry(guest: FoundGuest, place: GuestPlace): Entry {
  const { config, kind, vmid } = guest
  const { name, notes, namesNode } = place
  const path = `guests.${name}`
  if (name.toLowerCase() !== guest.name.toLowerCase()) notes.note(path, `Proxmox VE calls it ${guest.name}`)
  if (guest.pending.length > 0) notes.note(path, `stored and not yet in force: ${guest.pending.join(', ')}`)
  const own = kind === 'vm' ? vmEntry(guest, place) : containerEntry(guest, place)
  const known = kind === 'vm' ? OF_VM : OF_CONTAINER
  const isSaid = (key: string) =>
    [PASSING, COMMON, known].some((form) => form.test(key)) || config[key] === DEFAULTS[key]
  const left = Object.keys(config).filter((key) => !isSaid(key))
  if (left.length > 0) notes.note(path, `stays as it is, without words here: ${left.sort().join(', ')}`)
  return {
    id: vmid,
    ...(kind === 'ct' ? { kind } : {}),
    adopted: true,
    ...(namesNode ? { node: guest.node } : {}),
    memory: printMib(Number((config.memory ?? '512').replace(/^current=/, '')) || 512),
    ...(config.cores === undefined ? {} : { cores: Number(config.cores) }),
    ...own,
    ...nicEntries(guest, place),
    ...texts(guest, path, place),
    onboot: config.onboot === '1',
    started: guest.isRunning,
    ...(config.protection === '1' ? { protection: true } : {}),
    ...startupOf(config.startup, path, notes),
  }
}

function texts({ config, tags, pool }: FoundGuest, path: string, { storages, notes }: GuestPlace): Entry {
  const plain = tags.filter((tag) => TAG.test(tag) && tag !== 'orion' && !tag.startsWith('orion-'))
  const description = config.description?.trimEnd() ?? ''
  const isSayable = description.length <= LONGEST && DESCRIPTION.test(description)
  if (!isSayable) notes.note(path, 'its description stays as it is: it has control characters, or is too long')
  const dns = words(config.nameserver).filter((word) => parseIp(word) !== undefined)
  const [domain, ...more] = words(config.searchdomain)
  const hookStorage = HOOKSCRIPT.exec(config.hookscript ?? '')?.[1]
  const isHook = hookStorage !== undefined && storages.has(hookStorage)
  if (config.hookscript !== undefined && !isHook) notes.note(path, 'its hookscript stays as it is')
  if (more.length > 0) notes.note(path, 'its search domains stay as they are: the site file has one')
  return {
    ...(plain.length > 0 && plain.length === tags.length ? { tags: parseTags(plain.join(';')) } : {}),
    ...(description !== '' && isSayable ? { description } : {}),
    ...(pool === undefined ? {} : { pool }),
    ...(dns.length > 0 && dns.length === words(config.nameserver).length ? { dns } : {}),
    ...(domain !== undefined && more.length === 0 && DOMAIN.test(domain) ? { searchDomain: domain } : {}),
    ...(isHook ? { hookscript: config.hookscript } : {}),
  }
}

const words = (text = ''): readonly string[] => text.split(/[\s,;]+/).filter((word) => word !== '')

function startupOf(text: string | undefined, path: string, notes: Notes): Entry {
  if (text === undefined) return {}
  const said = parseProperties(text, 'order')
  const number = (key: string) => (/^\d{1,4}$/.test(said.get(key) ?? '') ? Number(said.get(key)) : undefined)
  const [order, up, down] = ['order', 'up', 'down'].map(number)
  if ([order, up, down].filter((one) => one !== undefined).length !== said.size) {
    notes.note(path, `its startup stays as it is: ${text}`)
    return {}
  }
  if (order !== undefined && said.size === 1) return { startup: order }
  return {
    startup: {
      ...(order === undefined ? {} : { order }),
      ...(up === undefined ? {} : { up: `${up}s` }),
      ...(down === undefined ? {} : { down: `${down}s` }),
    },
  }
}
