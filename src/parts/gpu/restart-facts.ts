// What is read of a node beside its devices, to know what a restart of it would mean.
import { template } from '../../render.ts'
import { type Facts, type HostFacts, NODE_NAME, said, wishOf } from '../../resources/host-facts.ts'
import { PIN_FACTS } from '../net/pinning.ts'
import { machineFacts } from './machine-read.ts'

export const KERNEL_LINE = '/etc/kernel/cmdline'
/** The words that orion put into the line, one each. */
export const ADDED_WORDS = '/etc/orion/gpu/cmdline'
export const GRUB_DROP_IN = '/etc/default/grub.d/orion.cfg'
const GRUB = '/etc/default/grub'
const GRUB_FOLDER = '/etc/default/grub.d'
const FACTS = 'gpu-facts'
const renderFacts = template<object>('gpu/facts')

/** What the others here need. */
export const restartFacts = (): Facts => ({ commands: { [FACTS]: ['sh', '-c', renderFacts({}), 'orion-gpu-facts'] } })

/** Everything that the resources of this part read of a node. */
export function gpuWish(...more: readonly Facts[]) {
  const own: Facts = { files: [KERNEL_LINE, GRUB, ADDED_WORDS], folders: [GRUB_FOLDER] }
  return wishOf([NODE_NAME, machineFacts(), PIN_FACTS, restartFacts(), own, ...more])
}

/** The images for the start were begun, and not made to the end. Pure. */
export function isHalfMade(seen: HostFacts): boolean {
  return linesOf(seen, 'rebuild').length > 0
}

/** Release of the kernel that the loader takes next; undefined = not known. Pure. */
export function getNextKernel(seen: HostFacts): string | undefined {
  return linesOf(seen, 'next-kernel')[0]
}

/** `vm:100`: guests of the node that the cluster would restart elsewhere while it is away. Pure. */
export function getClusterGuests(seen: HostFacts): readonly string[] {
  return linesOf(seen, 'ha')
}

/** The words of the kernel's line that orion put there. Pure. */
export function getAddedWords(seen: HostFacts): readonly string[] {
  const lines = (seen.files.get(ADDED_WORDS)?.text ?? '').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** What GRUB's menu is made of, without what orion adds. Pure. */
export function getGrubSettings(seen: HostFacts): string {
  const others = [...seen.files].filter(([path]) => path.startsWith(`${GRUB_FOLDER}/`) && path !== GRUB_DROP_IN)
  const settings = [seen.files.get(GRUB)?.text ?? '', ...others.map(([, { text }]) => text)]
  return settings.join('\n').replace(/^\s*#.*$/gm, '')
}

/** Of the lines of orion-gpu-facts those of one kind, without it. */
function linesOf(seen: HostFacts, kind: string): readonly string[] {
  const lines = (said(seen, FACTS) ?? '').split('\n').map((line) => line.trim())
  return lines.flatMap((line) =>
    line === kind ? [''] : line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : [],
  )
}
