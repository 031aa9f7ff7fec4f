// Which Debian packages a node needs: those of the site file, and those that other settings of it stand on.
import type { Node } from '../../site/site.ts'
import { ZRAM_PACKAGE } from './zram.ts'

export function getPackages({ packages, zram }: Node): readonly string[] {
  return [...new Set([...packages, ...(zram === undefined ? [] : [ZRAM_PACKAGE])])]
}
