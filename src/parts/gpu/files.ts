// The files of a node that gives PCI devices to its guests: modules, the early start, and the kernel's command line; all of them orion's own
// but one line, of which orion remembers its words.
import { template } from '../../render.ts'
import type { FileSet } from '../../resources/file-set.ts'
import type { WantedFile } from '../../resources/file-set-difference.ts'
import type { Facts, HostFacts } from '../../resources/host-facts.ts'
import type { Node, Site } from '../../site/site.ts'
import { REBUILD_SECONDS } from '../net/initramfs.ts'
import { earlyHook, earlyScript, moduleOptions, vfioDevices } from './binding.ts'
import { setWords } from './cmdline.ts'
import { getMachine } from './machine-read.ts'
import { getProblems, getRemovalProblems } from './problems.ts'
import { ADDED_WORDS, GRUB_DROP_IN, getAddedWords, isHalfMade, KERNEL_LINE } from './restart-facts.ts'
import { getTarget } from './target.ts'
import { getTokens } from './tokens.ts'

const MODULES = '/etc/modules-load.d/orion-vfio.conf'
const OPTIONS = '/etc/modprobe.d/orion-vfio.conf'
export const EARLY = '/etc/initramfs-tools/scripts/init-top/orion-vfio'
const HOOK = '/etc/initramfs-tools/hooks/orion-vfio'
const BACKUP = `${KERNEL_LINE}.before-orion`
const HEAD = '# Made by orion from the site file.'
const PROGRAM = 0o755

/** What gpuSet reads of files; the line itself is machineFacts'. */
export const gpuFacts: Facts = { files: [MODULES, OPTIONS, EARLY, HOOK, GRUB_DROP_IN, BACKUP, ADDED_WORDS] }

/** Pure. */
export function hasGpuFiles(seen: HostFacts): boolean {
  return [MODULES, EARLY, HOOK, GRUB_DROP_IN, ADDED_WORDS].some((path) => seen.files.has(path)) || isHalfMade(seen)
}

const renderBoot = template<object>('gpu/orion-gpu-boot')

// In the check the new files stand in their places: each needs the tool that brings it to the next start.
const TOOLS = `need() { command -v "$1" >/dev/null || { echo "$1 is not there" >&2; exit 1; }; }
need update-initramfs
[ ! -e ${GRUB_DROP_IN} ] || need update-grub
[ ! -e ${ADDED_WORDS} ] || need proxmox-boot-tool`

export interface GpuSetOptions {
  readonly wish: FileSet['wish']
  /** Everything that orion added goes, and nothing else. */
  readonly absent: boolean
}

/** Needs the program that watches over the restart. Nothing of it is in force before that restart. */
export function gpuSet(site: Site, node: Node, { wish, absent }: GpuSetOptions): FileSet {
  return {
    host: node.name,
    name: 'gpu',
    title: `devices for guests on ${node.name}`,
    needs: [`file-set:${node.name}/reboot`],
    wish,
    files: (seen) => (absent ? getRemoved(seen) : getFiles(site, node, seen)),
    problems: (seen) => (absent ? getRemovalProblems(seen) : getProblems(site, node, seen)),
    drift: (seen) =>
      isHalfMade(seen) ? [{ field: 'early images and loader', have: 'half made', want: 'as the files say' }] : [],
    check: [['sh', '-c', TOOLS, 'orion-gpu-tools']],
    activate: (before) => [gpuBoot(getMachine(before).loader.kind ?? 'any')],
    confirmWithinSeconds: REBUILD_SECONDS,
  }
}

/** Brings what the files say to the next start. */
export function gpuBoot(loader: 'grub' | 'systemd-boot' | 'any'): readonly string[] {
  return ['sh', '-c', renderBoot({}), 'orion-gpu-boot', loader]
}

function getFiles(site: Site, node: Node, seen: HostFacts): readonly WantedFile[] {
  const machine = getMachine(seen)
  if (!machine.isTold) return []
  const devices = vfioDevices(site, node)
  const targets = devices.map((device) => getTarget(device, machine))
  const functions = targets.flatMap((target) => target.functions)
  const tokens = getTokens(node, devices, machine.cpu)
  const isGrub = machine.loader.kind === 'grub'
  return [
    { path: MODULES, text: `${HEAD}\nvfio\nvfio_iommu_type1\nvfio_pci\n` },
    { path: OPTIONS, text: moduleOptions(node, targets) },
    { path: EARLY, text: earlyScript(functions), mode: PROGRAM },
    { path: HOOK, text: earlyHook(), mode: PROGRAM },
    { path: GRUB_DROP_IN, text: isGrub && tokens.length > 0 ? dropIn(tokens) : undefined },
    ...getLineFiles(seen, isGrub ? [] : tokens),
  ]
}

function getRemoved(seen: HostFacts): readonly WantedFile[] {
  const own = [MODULES, OPTIONS, EARLY, HOOK, GRUB_DROP_IN].map((path) => ({ path, text: undefined }))
  return [...own, ...getLineFiles(seen, [])]
}

/** GRUB's own scripts read it as a shell does. The words are orion's, and have nothing that a shell would take for more. */
function dropIn(tokens: readonly string[]): string {
  return `${HEAD}\nGRUB_CMDLINE_LINUX_DEFAULT="$GRUB_CMDLINE_LINUX_DEFAULT ${tokens.join(' ')}"\n`
}

/** The line, what of it is orion's, and the line as it was; nothing where neither has any word of orion. */
function getLineFiles(seen: HostFacts, tokens: readonly string[]): readonly WantedFile[] {
  const have = seen.files.get(KERNEL_LINE)
  if (have === undefined || (tokens.length === 0 && !seen.files.has(ADDED_WORDS))) return []
  const { text, added } = setWords(have.text, getAddedWords(seen), tokens)
  const isOurs = added.length > 0
  const before = seen.files.get(BACKUP)?.text ?? have.text
  return [
    { path: KERNEL_LINE, text, mode: have.mode, group: have.group },
    { path: ADDED_WORDS, text: isOurs ? `${HEAD}\n${added.join('\n')}\n` : undefined },
    { path: BACKUP, text: isOurs ? before : undefined },
  ]
}
