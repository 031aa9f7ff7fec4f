// What loads the kernel of a node: several signs are read, and all that say something must say the same.
import type { Loader, LoaderKind, Machine } from './machine.ts'

export interface LoaderFacts {
  readonly firmware: Machine['firmware']
  readonly commandLine: string
  /** There is a /boot/grub/grub.cfg. */
  readonly hasGrubConfig: boolean
  /** Of /etc/kernel/proxmox-boot-uuids; undefined = there is no such file. */
  readonly esps?: readonly string[]
  /** Lines of `proxmox-boot-tool status`. */
  readonly bootTool: readonly string[]
  /** Lines of `efibootmgr -v`. */
  readonly efi: readonly string[]
  /** What the loader says of itself (Boot Loader Interface). */
  readonly loaderInfo?: string
}

interface Sign {
  readonly source: string
  readonly says: string
  /** undefined = it says nothing of the kind. */
  readonly kind?: LoaderKind
}

/** Two signs at least, as each alone has misled: /etc/kernel/cmdline for one is also where GRUB boots, and is none of them. Pure. */
export function getLoader(facts: LoaderFacts): Loader {
  const esps = getEsps(facts.bootTool)
  const signs = [firmware(facts), tool(facts, esps), entry(facts), info(facts), commandLine(facts)].flat()
  const synced = (facts.esps ?? []).length > 0
  const base = { signals: signs.map(({ source, says }) => ({ source, says })), synced }
  const kinds = [...new Set(signs.flatMap(({ kind }) => kind ?? []))]
  const problem = mixed(esps) ?? disagreement(signs, kinds)
  return problem === undefined && kinds[0] !== undefined
    ? { ...base, kind: kinds[0] }
    : { ...base, problem: problem ?? '' }
}

export const LOADER_NAMES: Readonly<Record<LoaderKind, string>> = { grub: 'GRUB', 'systemd-boot': 'systemd-boot' }

/** Systems without UEFI start with GRUB only. */
function firmware(facts: LoaderFacts): readonly Sign[] {
  return facts.firmware === 'bios' ? [{ source: 'firmware', says: 'BIOS, or UEFI in its mode', kind: 'grub' }] : []
}

interface Esp {
  readonly name: string
  readonly kinds: readonly LoaderKind[]
}

/** `ABCD-1234 is configured with: uefi (versions: 6.8.4-2-pve), grub (versions: …)`; uefi is systemd-boot. */
function getEsps(lines: readonly string[]): readonly Esp[] {
  return lines.flatMap((line) => {
    const [, name, list = ''] = /^(\S+) is configured with: (.*)$/.exec(line) ?? []
    const words = [...list.matchAll(/(uefi|systemd-boot|grub)\b(?= *(?:\(|,|$))/g)].map(([word]) => word)
    const kinds = new Set(words.map((word): LoaderKind => (word === 'grub' ? 'grub' : 'systemd-boot')))
    return name === undefined ? [] : [{ name, kinds: [...kinds] }]
  })
}

const said = ({ name, kinds }: Esp): string =>
  `${name} has ${kinds.map((kind) => LOADER_NAMES[kind]).join(' and ') || 'none'}`

function tool({ esps, bootTool, hasGrubConfig, firmware: kind }: LoaderFacts, seen: readonly Esp[]): readonly Sign[] {
  const source = 'proxmox-boot-tool'
  if (esps === undefined) {
    const says = hasGrubConfig ? 'keeps no ESP, and there is /boot/grub/grub.cfg' : 'keeps no ESP'
    // Of a BIOS that would be the same word once more.
    return [{ source, says, ...(hasGrubConfig && kind === 'uefi' ? { kind: 'grub' } : {}) }]
  }
  if (seen.length === 0) return [{ source, says: bootTool.at(-1) ?? 'did not answer' }]
  const [first] = seen
  const isSame = first?.kinds.length === 1 && seen.every(({ kinds }) => kinds.join() === first.kinds.join())
  return [{ source, says: seen.map(said).join(', '), ...(isSame && first.kinds[0] ? { kind: first.kinds[0] } : {}) }]
}

/** An ESP of another kind than the rest: which one is next, the firmware decides. One with both is both everywhere. */
function mixed(esps: readonly Esp[]): string | undefined {
  const kinds = new Set(esps.map((esp) => esp.kinds.toSorted().join()))
  if (kinds.size < 2) return undefined
  return `its ESPs have different loaders (${esps.map(said).join(', ')}): make them alike (proxmox-boot-tool reinit)`
}

/** The entry that this boot came from; a file like \EFI\BOOT\BOOTX64.EFI may be either. */
function entry({ efi }: LoaderFacts): readonly Sign[] {
  const current = efi.flatMap((line) => /^BootCurrent: *([0-9A-Fa-f]{4})/.exec(line)?.[1] ?? [])[0]
  const own = efi.find((line) => current !== undefined && line.toUpperCase().startsWith(`BOOT${current.toUpperCase()}`))
  const file = own === undefined ? undefined : /\\[^()\s]*\.efi/i.exec(own)?.[0]
  if (file === undefined) return []
  const kind = /\\(?:shim|grub)[^\\]*$/i.test(file)
    ? 'grub'
    : /\\systemd-boot[^\\]*$/i.test(file)
      ? 'systemd-boot'
      : undefined
  return [{ source: 'EFI entry', says: `Boot${current} starts ${file}`, ...(kind ? { kind } : {}) }]
}

function info({ loaderInfo }: LoaderFacts): readonly Sign[] {
  if (loaderInfo === undefined || loaderInfo === '') return []
  const kind = /^systemd-boot/i.test(loaderInfo) ? 'systemd-boot' : /^grub/i.test(loaderInfo) ? 'grub' : undefined
  return [{ source: 'loader', says: loaderInfo, ...(kind ? { kind } : {}) }]
}

/** GRUB tells the kernel its own file; systemd-boot's entries name the early image with the ESP's path. */
function commandLine({ commandLine: text }: LoaderFacts): readonly Sign[] {
  const source = '/proc/cmdline'
  const words = text.split(/\s+/)
  const image = words.find((word) => word.startsWith('BOOT_IMAGE='))
  if (image !== undefined) return [{ source, says: image, kind: 'grub' }]
  const initrd = words.find((word) => /^initrd=\\EFI\\/i.test(word))
  return initrd === undefined ? [] : [{ source, says: initrd, kind: 'systemd-boot' }]
}

function disagreement(signs: readonly Sign[], kinds: readonly LoaderKind[]): string | undefined {
  const told = signs.filter(({ kind }) => kind !== undefined)
  if (kinds.length === 1 && told.length > 1) return undefined
  if (told.length === 0) return 'nothing says what loads its kernel'
  const words = told.map(({ source, says, kind }) => `${kind && LOADER_NAMES[kind]} by ${source} (${says})`)
  return kinds.length > 1
    ? `what loads its kernel is not clear: ${words.join(', ')}`
    : `only one thing says what loads its kernel: ${words.join(', ')}`
}
