// Whether the kernel's command line says what devices need: now, and in the file that the node's loader really reads.

import { getLineProblems } from './cmdline.ts'
import { apply, type Finding, fail, type NodeView, pass } from './doctor-view.ts'
import { LOADER_NAMES } from './loader.ts'
import type { Machine } from './machine.ts'
import { getAgainst, getTokens, toWords } from './tokens.ts'

const LINE_FILE = '/etc/kernel/cmdline'
const GRUB_FILE = '/etc/default/grub.d/orion.cfg'

/** Pure. */
export function checkCommandLine(view: NodeView): Finding {
  const { machine, node, passed } = view
  const { commandLine } = machine
  const against = getAgainst(commandLine)
  if (against.length > 0)
    return fail(`${against.join(', ')} switches the IOMMU off`, `take ${against.join(', ')} away from ${fileOf(view)}`)
  const broken = getLineProblemsOf(machine)
  if (broken.length > 0) return fail(broken.join('; '), `mend ${LINE_FILE}; proxmox-boot-tool refresh`)
  const words = toWords(commandLine)
  const acs = words.find((word) => word.startsWith('pcie_acs_override='))
  if (acs !== undefined && !node.iommu.acsOverride)
    return fail(
      `${acs} makes groups look apart that are not`,
      `take it away from ${fileOf(view)}, or say that you know: nodes.${node.name}.iommu.acsOverride`,
    )
  const wanted = getTokens(
    node,
    passed.map(({ device }) => device),
    machine.cpu,
  )
  const missing = wanted.filter((word) => !words.includes(word))
  if (missing.length > 0) return notInForce(view, missing)
  return pass(
    wanted.length === 0
      ? `nothing is needed on ${machine.cpu === 'amd' ? 'AMD' : 'it'}${idle(words)}`
      : `${wanted.join(', ')}${idle(words)}`,
  )
}

/** Without the file, proxmox-boot-tool takes the words that are in force. */
function getLineProblemsOf({ loader, kernelCommandLine: text }: Machine): readonly string[] {
  return loader.kind === 'systemd-boot' && text !== undefined ? getLineProblems(LINE_FILE, text) : []
}

/** A word of old guides. */
const idle = (words: readonly string[]): string =>
  words.includes('amd_iommu=on') ? '; amd_iommu=on is there, and the kernel knows no such value' : ''

function fileOf({ machine }: NodeView): string {
  return machine.loader.kind === 'systemd-boot' ? LINE_FILE : '/etc/default/grub'
}

/** In the right file it waits for a restart; in the file of the other loader it waits for ever. */
function notInForce(view: NodeView, missing: readonly string[]): Finding {
  const { kernelCommandLine = '', loader } = view.machine
  const grub = view.seen.files.get(GRUB_FILE)?.text ?? ''
  const inLine = missing.every((word) => toWords(kernelCommandLine).includes(word))
  const inGrub = missing.every((word) => grub.includes(word))
  const [own, other] = loader.kind === 'systemd-boot' ? [inLine, inGrub] : [inGrub, inLine]
  const text = missing.join(', ')
  if (own) return fail(`${text}: stored, and not in force before the node restarts`, apply(view))
  const name = loader.kind && LOADER_NAMES[loader.kind]
  const file = loader.kind === 'systemd-boot' ? GRUB_FILE : LINE_FILE
  if (other && name) return fail(`${text} is in ${file}, which ${name} does not read`, apply(view))
  return fail(`missing: ${text}`, apply(view))
}
