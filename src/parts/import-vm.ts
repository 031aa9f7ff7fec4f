// A virtual machine of an imported site: processor, firmware, disks, and how it starts.
import { parseProperties } from '../resources/property-string.ts'
import { GIB, parseSize } from '../resources/size.ts'
import type { FoundGuest } from '../site/discovery.ts'
import { printMib } from '../site/write.ts'
import type { GuestPlace } from './import-guest.ts'
import type { Entry } from './import-network.ts'

/** The options that are read here. */
export const OF_VM =
  /^(sockets|cpu|balloon|machine|bios|agent|boot|bootdisk|affinity|smbios1|ciuser|ipconfig\d+|(scsi|virtio|sata|ide)\d+|hostpci\d+|efidisk0|tpmstate0)$/

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/
const CPU = /^[A-Za-z0-9][A-Za-z0-9._+,;=-]{0,254}$/
const MACHINE = /^[a-z][A-Za-z0-9.+-]{1,39}$/
const CPUSET = /^\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*$/
const BOOT = /^(?:scsi|virtio|sata|ide|net|hostpci|usb)\d{1,2}$/
const USER = /^[a-z_][a-z0-9_-]{0,31}$/

export function vmEntry(guest: FoundGuest, place: GuestPlace): Entry {
  const { config } = guest
  const path = `guests.${place.name}`
  const uuid = parseProperties(config.smbios1 ?? '').get('uuid')
  const order =
    parseProperties(config.boot ?? '', 'legacy')
      .get('order')
      ?.split(';') ?? []
  const isOrder = order.length > 0 && order.every((device) => BOOT.test(device))
  const cpu = config.cpu ?? 'kvm64'
  if (!CPU.test(cpu)) place.notes.note(path, 'its cpu stays as it is')
  const machine = config.machine?.split(',')[0]
  const balloon = Number(config.balloon)
  const agent = parseProperties(config.agent ?? '0', 'enabled').get('enabled')
  if (config.boot !== undefined && !isOrder) place.notes.note(path, `its boot order stays as it is: ${config.boot}`)
  return {
    ...(uuid !== undefined && UUID.test(uuid) ? { uuid: uuid.toLowerCase() } : {}),
    ...osOf(config.ostype),
    ...(config.sockets === undefined || config.sockets === '1' ? {} : { sockets: Number(config.sockets) }),
    ...(CPU.test(cpu) ? { cpu } : {}),
    ...(config.balloon === undefined ? {} : { balloon: balloon === 0 ? 0 : printMib(balloon) }),
    ...(machine !== undefined && MACHINE.test(machine) ? { machine } : {}),
    firmware: config.bios === 'ovmf' ? 'uefi' : 'bios',
    tpm: config.tpmstate0 !== undefined,
    agent: /^(1|on|yes|true)$/i.test(agent ?? ''),
    ...disksOf(guest, path, place),
    ...(isOrder ? { boot: order } : {}),
    ...(config.ciuser !== undefined && USER.test(config.ciuser) ? { user: config.ciuser } : {}),
    ...(config.affinity !== undefined && CPUSET.test(config.affinity) ? { affinity: config.affinity } : {}),
  }
}

function osOf(ostype = 'other'): Entry {
  const isWindows = /^(w\d|win|wxp|wvista)/.test(ostype)
  const os = isWindows ? 'windows' : /^l2\d$/.test(ostype) ? 'linux' : 'other'
  return { ...(os === 'linux' ? {} : { os }), ostype }
}

interface FoundDisk {
  readonly slot: string
  readonly storage: string
  readonly gib: number
  readonly isWhole: boolean
}

function disksOf({ config }: FoundGuest, path: string, { storages, notes }: GuestPlace): Entry {
  const slots = Object.keys(config).filter((key) => /^(scsi|virtio|sata|ide)\d+$/.test(key))
  const disks = slots.flatMap((slot): readonly FoundDisk[] => {
    const disk = diskOf(slot, config[slot] ?? '', storages)
    if (typeof disk !== 'string') return [disk]
    notes.note(path, `${slot} stays as it is: ${disk}`)
    return []
  })
  for (const { slot, gib, isWhole } of disks) if (!isWhole) notes.note(path, `${slot} has a little more than ${gib}G`)
  const first = disks.find(({ slot }) => slot === 'scsi0')
  const further = disks.filter((disk) => disk !== first).sort(bySlot)
  const list = further.map(({ slot, storage, gib }, index) => ({
    size: `${gib}G`,
    ...(storage === first?.storage ? {} : { storage }),
    ...(slot === `scsi${index + 1}` ? {} : { slot }),
  }))
  return {
    ...(first === undefined ? {} : { storage: first.storage, disk: `${first.gib}G` }),
    ...(list.length === 0 ? {} : { disks: list.map((one) => (Object.keys(one).length === 1 ? one.size : one)) }),
  }
}

/** Why it cannot be said, where it cannot. */
function diskOf(slot: string, value: string, storages: ReadonlySet<string>): FoundDisk | string {
  const properties = parseProperties(value, 'file')
  const volume = properties.get('file') ?? ''
  const bytes = parseSize(properties.get('size') ?? '') ?? 0
  const storage = volume.split(':')[0] ?? ''
  const gib = Math.floor(bytes / GIB)
  if (properties.get('media') === 'cdrom' || volume === 'none') return 'a CD drive'
  if (!volume.includes(':') || !storages.has(storage)) return 'it is on no storage of the site file'
  return gib < 1 ? 'it has less than 1G' : { slot, storage, gib, isWhole: bytes === gib * GIB }
}

function bySlot(a: FoundDisk, b: FoundDisk): number {
  const parts = ({ slot }: FoundDisk) => [slot.replace(/\d+$/, ''), Number(slot.replace(/^\D+/, ''))] as const
  const [[bus, at], [otherBus, other]] = [parts(a), parts(b)]
  return bus === otherBus ? at - other : bus < otherBus ? -1 : 1
}
