// Why a node's devices cannot be given to guests as it is now: each one is a stop, before anything is touched.
import type { HostFacts } from '../../resources/host-facts.ts'
import type { Node, Site } from '../../site/site.ts'
import { vfioDevices } from './binding.ts'
import { getLineProblems } from './cmdline.ts'
import type { Machine } from './machine.ts'
import { getMachine } from './machine-read.ts'
import { ADDED_WORDS, KERNEL_LINE } from './restart-facts.ts'
import { getHazards, getTarget, type Target } from './target.ts'
import { ACS, getAgainst, getTokens, toWords } from './tokens.ts'

/** Pure. */
export function getProblems(site: Site, node: Node, seen: HostFacts): readonly string[] {
  const machine = getMachine(seen)
  const devices = vfioDevices(site, node)
  if (!machine.isTold) return ['the node did not tell its devices and how it boots']
  const tokens = getTokens(node, devices, machine.cpu)
  // Who else is in the group is told anew after that restart, and before any guest gets the device.
  const isSplit = tokens.includes(ACS) && !toWords(machine.commandLine).includes(ACS)
  return [
    ...devices.flatMap((device) => {
      const target = getTarget(device, machine)
      if (target.problem !== undefined) return [`${device.name}: ${target.problem}`]
      const hazards = getHazards(isSplit ? { ...target, group: [] } : target, machine).map(
        (hazard) => `${device.name} would take from the host ${hazard}`,
      )
      return [...hazards, ...getDisplayProblems(target)]
    }),
    ...getLoaderProblems(machine),
    ...getIommuProblems(machine, tokens),
  ]
}

/** No restart takes the firmware's display off a card without the word for it. */
function getDisplayProblems({ device: { name, primaryGpu }, functions }: Target): readonly string[] {
  if (primaryGpu) return []
  const shown = functions.flatMap(({ address, framebuffer }) => (framebuffer ? [`${framebuffer} on ${address}`] : []))
  return shown.map((what) => `${name} is the firmware's display (${what}): primaryGpu: true in devices.${name}`)
}

/** What keeps even the way back from being gone. Pure. */
export function getRemovalProblems(seen: HostFacts): readonly string[] {
  const text = seen.files.get(KERNEL_LINE)?.text
  return text === undefined || !hasRecord(seen) ? [] : getLineProblems(KERNEL_LINE, text)
}

const hasRecord = (seen: HostFacts): boolean => seen.files.has(ADDED_WORDS)

function getLoaderProblems({ loader, kernelCommandLine }: Machine): readonly string[] {
  if (loader.kind === undefined) return [loader.problem ?? 'what loads its kernel is not clear']
  if (loader.kind === 'grub') return []
  if (!loader.synced) return ['systemd-boot loads its kernel, and proxmox-boot-tool does not keep its ESPs']
  if (kernelCommandLine === undefined) return [`systemd-boot loads its kernel, and there is no ${KERNEL_LINE}`]
  return getLineProblems(KERNEL_LINE, kernelCommandLine)
}

/** Without one that works no device binds to vfio-pci. Where a word of ours may still switch it on, the restart will tell. */
function getIommuProblems(
  { commandLine, kernelCommandLine = '', loader, iommus, cpu }: Machine,
  tokens: readonly string[],
) {
  const lines = loader.kind === 'systemd-boot' ? [commandLine, kernelCommandLine] : [commandLine]
  const against = [...new Set(lines.flatMap(getAgainst))]
  if (against.length > 0) return [`its kernel is told ${against.join(' ')}: take that from its command line`]
  const live = toWords(commandLine)
  if (iommus.length > 0 || tokens.some((token) => /^intel_iommu=/.test(token) && !live.includes(token))) return []
  const name = cpu === 'intel' ? 'VT-d' : cpu === 'amd' ? 'AMD-Vi (IOMMU)' : 'the IOMMU'
  return [`no IOMMU works: switch on ${name} in the firmware`]
}
