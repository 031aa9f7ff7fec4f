// Recorded answers of nodes, and the devices of the site file that are in them.
import { readFileSync } from 'node:fs'
import type { Machine } from '../../../src/parts/gpu/machine.ts'
import { parseMachine } from '../../../src/parts/gpu/machine-read.ts'
import { device } from '../../site/site-builder.ts'

/** What orion-pci-look says of a node with a graphics card, an Edge TPU, a network card and a disk (fixtures/hive.txt). */
export const HIVE = readFileSync(new URL('fixtures/hive.txt', import.meta.url), 'utf8')

/** The same node after a restart with its devices bound. */
export const BOUND = change(HIVE, [
  [/^cmdline .*$/m, '$& intel_iommu=on initcall_blacklist=sysfb_init'],
  [/^modules .*$/m, '$& vfio vfio_iommu_type1 vfio_pci'],
  [/driver=(?:nouveau|snd_hda_intel)/g, 'driver=vfio-pci override=vfio-pci'],
  [/^(pci 0000:02:00\.0 .*)(reset=)/m, '$1driver=vfio-pci override=vfio-pci $2'],
  [/^iomem .*BOOTFB\n/m, ''],
])

/** Each pattern must be there: a change that changes nothing would test nothing. */
export function change(text: string, rows: readonly (readonly [RegExp, string])[]): string {
  return rows.reduce((before, [pattern, by]) => {
    const after = before.replace(pattern, by)
    if (after === before) throw new Error(`nothing to change: ${pattern}`)
    return after
  }, text)
}

export const machineOf = (...rows: readonly (readonly [RegExp, string])[]): Machine => parseMachine(change(HIVE, rows))

/** Lines put before the last one. */
export const plus = (...lines: readonly string[]): readonly [RegExp, string] => [/^end$/m, `${lines.join('\n')}\nend`]

export const card = device('rtx-3090', {
  ids: ['10de:2204', '10de:1aef'],
  guest: 'brain',
  standby: ['district'],
  primaryGpu: true,
})
export const coral = device('coral', { ids: ['1ac1:089a'], guest: 'eye' })
