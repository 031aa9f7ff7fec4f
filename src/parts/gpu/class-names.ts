// Classes of PCI devices in words (PCI Code and ID Assignment Specification), as far as somebody decides by them.
import type { PciDevice } from './machine.ts'

const NAMES: Readonly<Record<string, string>> = {
  '0100': 'SCSI controller',
  '0101': 'IDE controller',
  '0104': 'RAID controller',
  '0106': 'SATA controller',
  '0107': 'SAS controller',
  '0108': 'NVMe disk',
  '01': 'disk controller',
  '0200': 'network card',
  '02': 'network card',
  '0300': 'graphics card',
  '0302': 'graphics card',
  '03': 'display',
  '0401': 'audio',
  '0403': 'audio',
  '04': 'multimedia',
  '05': 'memory',
  '0600': 'host bridge',
  '0601': 'ISA bridge',
  '0604': 'PCI bridge',
  '06': 'bridge',
  '07': 'serial port',
  '0805': 'card reader',
  '0806': 'IOMMU',
  '0880': 'system device',
  '08': 'system device',
  '0c03': 'USB controller',
  '0c05': 'SMBus',
  '0c80': 'serial bus',
  '0c': 'serial bus',
  '0d': 'radio',
  '10': 'crypto engine',
  '11': 'signal processor',
  '12': 'accelerator',
}

/** What calls itself by too wide a class. */
const KNOWN: Readonly<Record<string, string>> = { '1ac1:089a': 'Edge TPU' }

/** What it is, for people. Pure. */
export function toKind({ id, class: code }: Pick<PciDevice, 'id' | 'class'>): string {
  return KNOWN[id] ?? toClassName(code)
}

/** `graphics card` of `030000`. Pure. */
function toClassName(code: string): string {
  const known = code.toLowerCase()
  return NAMES[known.slice(0, 4)] ?? NAMES[known.slice(0, 2)] ?? 'device'
}
