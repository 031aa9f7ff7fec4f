// Words of the kernel's command line that a node with devices for guests gets, and how such a line is read and changed.

import type { Device } from '../../site/services.ts'
import type { Node } from '../../site/site.ts'
import type { Machine } from './machine.ts'

/** A card that the firmware used as display: without it the kernel keeps the card's memory for its own framebuffer. */
const NO_FRAMEBUFFER = 'initcall_blacklist=sysfb_init'
const INTEL = 'intel_iommu=on'
const PASSTHROUGH = 'iommu=pt'
/** Without it functions behind one switch or root port may be one group, whatever the slots are. */
export const ACS = 'pcie_acs_override=downstream,multifunction'

/** Every word that orion ever adds. */
export const OWN_TOKENS: readonly string[] = [INTEL, PASSTHROUGH, ACS, NO_FRAMEBUFFER]

/** They switch the IOMMU off, whatever else is there. */
const AGAINST = /^(?:(?:intel_|amd_)?iommu=(?:\S*,)?off(?:,|$)|nopci$|pci=off$)/

/**
 * What the command line must have. AMD needs nothing: `amd_iommu=on` is no value that the kernel knows. Of Intel's, older kernels
 * have the IOMMU off without it. The last ones only with the operator's consent in the site file. Pure.
 */
export function getTokens(
  { iommu }: Pick<Node, 'iommu'>,
  devices: readonly Device[],
  cpu: Machine['cpu'],
): readonly string[] {
  if (devices.length === 0) return []
  return [
    ...(cpu === 'intel' ? [INTEL] : []),
    ...(iommu.passthrough ? [PASSTHROUGH] : []),
    ...(iommu.acsOverride ? [ACS] : []),
    ...(devices.some(({ primaryGpu }) => primaryGpu) ? [NO_FRAMEBUFFER] : []),
  ]
}

/** The words of a command line: blanks in double quotes are part of a word, as the kernel has it (lib/cmdline.c). Pure. */
export function toWords(line: string): readonly string[] {
  return getPlaces(line).map(([word]) => word)
}

/** The same, each with where it begins. Pure. */
export function getPlaces(line: string): readonly (readonly [string, number])[] {
  return [...line.matchAll(WORD)].map((match) => [match[0], match.index] as const)
}

const WORD = /(?:[^\s"]|"[^"]*(?:"|$))+/g

/** Words that speak against an IOMMU. Pure. */
export function getAgainst(line: string): readonly string[] {
  return toWords(line).filter((word) => AGAINST.test(word))
}
