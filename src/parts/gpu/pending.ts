// What the files of a node say and what is in force only after a restart: words of the command line, drivers, the framebuffer.
import type { Difference } from '../../resource.ts'
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Node, Site } from '../../site/site.ts'
import { vfioDevices } from './binding.ts'
import type { Machine, PciDevice } from './machine.ts'
import { getMachine } from './machine-read.ts'
import { getAddedWords, getGrubSettings } from './restart-facts.ts'
import { getTarget } from './target.ts'
import { getTokens, OWN_TOKENS, toWords } from './tokens.ts'

const VFIO = 'vfio-pci'
const MODULES = ['vfio', 'vfio_iommu_type1', 'vfio_pci']

/**
 * Compared with what the files shall be, whether they are so already or not: it is what a restart after this run is for.
 * `absent`: everything of orion is gone from the files. Pure.
 */
export function getPending(site: Site, node: Node, absent: boolean, seen: HostFacts): readonly Difference[] {
  const machine = getMachine(seen)
  if (!machine.isTold) return []
  const devices = absent ? [] : vfioDevices(site, node)
  const targets = devices.map((device) => getTarget(device, machine))
  const functions = targets.flatMap((target) => target.functions)
  return [
    ...getWords(machine, getTokens(node, devices, machine.cpu), seen),
    ...(functions.length === 0 ? [] : getModules(machine)),
    ...functions.flatMap(getFunction),
    ...getLeft(machine, functions),
  ]
}

/** Words of orion's kind alone; one that others put into the settings stays, and is none of ours. */
function getWords(machine: Machine, wanted: readonly string[], seen: HostFacts): readonly Difference[] {
  const live = toWords(machine.commandLine)
  const next = getNext(machine, seen)
  const stays = (word: string) => wanted.includes(word) || next.includes(word)
  const field = 'kernel command line'
  return [
    ...wanted.filter((word) => !live.includes(word)).map((want) => ({ field, want })),
    ...OWN_TOKENS.filter((word) => live.includes(word) && !stays(word)).map((have) => ({ field, have })),
  ]
}

/** What others have in the settings of the next start. */
function getNext({ loader, kernelCommandLine = '' }: Machine, seen: HostFacts): readonly string[] {
  const added = getAddedWords(seen)
  if (loader.kind === 'systemd-boot') return toWords(kernelCommandLine).filter((word) => !added.includes(word))
  return getGrubSettings(seen).match(/[^\s"'=]+=[^\s"']+/g) ?? []
}

function getModules({ modules }: Machine): readonly Difference[] {
  const missing = MODULES.filter((name) => !modules.has(name))
  return missing.map((name) => ({ field: `module ${name}`, have: 'not loaded', want: 'loaded' }))
}

function getFunction({ address, driver = 'none', framebuffer }: PciDevice): readonly Difference[] {
  return [
    ...(driver === VFIO ? [] : [{ field: `${address} driver`, have: driver, want: VFIO }]),
    ...(framebuffer === undefined ? [] : [{ field: `${address} framebuffer`, have: framebuffer, want: 'none' }]),
  ]
}

/** Functions that the early start kept for vfio-pci and that are not wanted (any more): only it writes the override. */
function getLeft({ devices }: Machine, wanted: readonly PciDevice[]): readonly Difference[] {
  const left = devices.filter((device) => device.override === VFIO && !wanted.includes(device))
  return left.map(({ address }) => ({ field: `${address} driver`, have: VFIO, want: "the host's own" }))
}
