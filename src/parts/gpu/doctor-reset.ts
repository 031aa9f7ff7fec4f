// How a device is reset between two guests, and which graphics cards are known for not coming back.
import type { PciDevice } from './machine.ts'

interface Series {
  readonly name: string
  /** First and last device id. */
  readonly ids: readonly (readonly [number, number])[]
}

/** AMD's cards whose own reset only the module vendor-reset knows (its device table); newer ones come back without. */
const VENDOR_RESET: readonly Series[] = [
  {
    name: 'Polaris',
    ids: [
      [0x67c0, 0x67ff],
      [0x6980, 0x699f],
      [0x6fdf, 0x6fdf],
    ],
  },
  { name: 'Vega 10', ids: [[0x6860, 0x687f]] },
  { name: 'Vega 12', ids: [[0x69a0, 0x69af]] },
  { name: 'Vega 20', ids: [[0x66a0, 0x66af]] },
  { name: 'Navi 10', ids: [[0x7310, 0x731f]] },
  { name: 'Navi 12', ids: [[0x7360, 0x7362]] },
  { name: 'Navi 14', ids: [[0x7340, 0x734f]] },
]

/** The series of such a card; undefined for all others. Pure. */
export function getSeries({ id, class: code }: Pick<PciDevice, 'id' | 'class'>): string | undefined {
  const [vendor, device = ''] = id.split(':')
  const number = Number.parseInt(device, 16)
  if (vendor !== '1002' || !code.startsWith('03')) return undefined
  return VENDOR_RESET.find(({ ids }) => ids.some(([first, last]) => number >= first && number <= last))?.name
}
